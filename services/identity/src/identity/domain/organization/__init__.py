"""An organization (work account), and the rule that it keeps at least one global admin. Pure.

The rule spans all users of the organization. Each is a document, and two administrators may demote each other at the same
time. So losing the role takes two writes in a fixed order: first this document stops counting the user, and refuses if
the user is the last one; then the user's document gives up the role. Gaining the role is the reverse: first the user,
then the count (by the user's event). At every moment, also after a crash between two writes, every counted user holds the
role. So while one is counted, one exists.

The count may be too low for a moment. Then a demotion is refused that could have been allowed; repeating it later works.
Every entry has the number of the user's role changes on which it is based, so that late events cannot undo a release.

Only users who count, or counted once, have an entry. A user is released before the role is lost, so an event about a user
without an entry who does not count changes nothing. The document grows with the administrators, not with the users.
"""
