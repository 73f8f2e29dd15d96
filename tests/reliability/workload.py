"""What the clients do all the time: the commands of the program.

A new command joins the rig by a function in `plays` and a line in `COMMANDS`; a new service by being in the registry of
topics. Nothing else knows of them.
"""

from reliability.plays.connecting import (
    decline_an_invitation,
    import_a_customer,
    invite_a_customer,
    limit_admin_access,
    lose_a_customer,
    report_subscriptions,
    revoke_an_invitation,
    win_a_customer,
)
from reliability.plays.drafting import copy_and_erase, delete_a_draft
from reliability.plays.editions import accept_a_version
from reliability.plays.enrolling import enroll, think_again
from reliability.plays.following import match_and_separate, suspend_and_reinstate
from reliability.plays.joining import join_the_program
from reliability.plays.partnerships import part_and_connect_again, publish_a_profile
from reliability.plays.people import (
    add_user,
    change_roles,
    choose_a_new_password,
    claim_a_domain,
    come_and_go,
    end_sessions,
    invite_and_purge,
    sign_up_a_company,
)
from reliability.plays.registry import break_a_registry_command, keep_the_registry
from reliability.plays.rights import grant_rights, let_an_invitation_run_out, name_a_reseller
from reliability.plays.staying import stay_a_partner
from reliability.scene import Command

COMMANDS: tuple[Command, ...] = (
    Command(add_user, 4),
    Command(change_roles, 4),
    Command(come_and_go, 2),
    Command(invite_and_purge, 1),
    Command(claim_a_domain, 1),
    Command(sign_up_a_company, 1),
    Command(end_sessions, 1),
    Command(choose_a_new_password, 1),
    Command(enroll, 3),
    Command(think_again, 1),
    Command(stay_a_partner, 1),
    Command(join_the_program, 1),
    Command(accept_a_version, 3),
    Command(delete_a_draft, 1),
    Command(copy_and_erase, 1),
    Command(keep_the_registry, 1),
    Command(break_a_registry_command, 1),
    Command(invite_a_customer, 4),
    Command(decline_an_invitation, 1),
    Command(revoke_an_invitation, 1),
    Command(win_a_customer, 3),
    Command(lose_a_customer, 1),
    Command(import_a_customer, 3),
    Command(report_subscriptions, 1),
    Command(limit_admin_access, 2),
    Command(publish_a_profile, 1),
    Command(part_and_connect_again, 2),
    Command(grant_rights, 2),
    Command(name_a_reseller, 2),
    Command(let_an_invitation_run_out, 1),
    Command(match_and_separate, 2),
    Command(suspend_and_reinstate, 2),
)
