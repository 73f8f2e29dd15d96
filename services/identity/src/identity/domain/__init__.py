"""The pure rules: state, commands, events, decide, evolve."""
