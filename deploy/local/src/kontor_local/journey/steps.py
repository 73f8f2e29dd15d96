"""The journey in order; the numbers are those of the program's own story."""

from kontor_local.journey import connecting, enrolling, inviting
from kontor_local.journey.play import Step

STEPS = [
    Step("the operator signs in", enrolling.operator_signs_in),
    Step("the operator loads the membership registry", enrolling.registry_is_loaded),
    Step("the provider is enrolled", enrolling.provider_is_enrolled),
    Step("another portal announces a customer", connecting.other_portal_announces_a_customer),
    Step("the reseller signs up and starts an enrollment", enrolling.reseller_signs_up),
    Step("web mail and a foreign partner id are refused", enrolling.wrong_information_is_refused),
    Step("the reseller chooses its partner id and submits", enrolling.reseller_submits),
    Step("the primary contact confirms by mail", enrolling.primary_contact_confirms),
    Step("review, agreement, active", enrolling.reseller_is_activated),
    Step("the older customer appears", connecting.older_customer_appears),
    Step("a second user gets a role and a temporary password", enrolling.second_user_gets_a_role),
    Step("the provider invites the reseller", connecting.provider_invites_reseller),
    Step("the reseller authorizes the provider", connecting.reseller_authorizes_provider),
    Step("reseller and provider invite a customer jointly", connecting.customer_is_invited_jointly),
    Step("the customer authorizes both", connecting.customer_authorizes_both),
    Step("an addressee declines an invitation", inviting.an_addressee_declines),
    Step("an invitation is sent again with a new link", inviting.an_invitation_is_sent_again),
    Step("authorizations say who may do what", connecting.authorizations_tell_who_may_what),
    Step("the reseller removes the provider's administrator access", connecting.reseller_removes_admin_access),
]
