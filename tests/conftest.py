"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# No example is too slow: how long one takes is the machine's business. On top of hypothesis's own profile, which for CI looks
# at the same examples in every run.
settings.register_profile(
    "kontor",
    settings.get_profile(settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("kontor")
