"""The operator for the business profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.hooks.failures import fail_on_permanent_error
from airflow_provider_whatsapp.links.whatsapp_manager import PhoneNumbersLink
from airflow_provider_whatsapp.operators.base import WhatsAppOperator

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

# By argument. Airflow's own ``email`` is whom it writes to when a task fails, and often stands in default_args.
_FIELDS = {
    "about": "about",
    "address": "address",
    "description": "description",
    "email_address": "email",
    "websites": "websites",
    "vertical": "vertical",
    "profile_picture_handle": "profile_picture_handle",
}


class UpdateBusinessProfileOperator(WhatsAppOperator):
    """
    Change what people see on the page of the business; fields that are left out stay as they are.

    :param about: a line below the name, 1 to 139 characters. (templated)
    :param address: up to 256 characters. (templated)
    :param description: up to 512 characters. (templated)
    :param email_address: Meta's ``email``, up to 128 characters. (templated)
    :param websites: up to 2 URLs of up to 256 characters. (templated)
    :param vertical: the industry, for example ``"RETAIL"``. (templated)
    :param profile_picture_handle: of a resumable upload. (templated)
    :param phone_number_id: whose profile, the connection's if absent. (templated)
    :param maton_conn_id: the Airflow connection. (templated)

    .. seealso:: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/business-profiles
    """

    template_fields: Sequence[str] = (
        *_FIELDS,
        "phone_number_id",
        *WhatsAppOperator.template_fields,
    )
    operator_extra_links = (PhoneNumbersLink(),)

    def __init__(
        self,
        *,
        about: str | None = None,
        address: str | None = None,
        description: str | None = None,
        email_address: str | None = None,
        websites: Sequence[str] | None = None,
        vertical: str | None = None,
        profile_picture_handle: str | None = None,
        phone_number_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.about = about
        self.address = address
        self.description = description
        self.email_address = email_address
        self.websites = websites
        self.vertical = vertical
        self.profile_picture_handle = profile_picture_handle
        self.phone_number_id = phone_number_id

    def execute(self, context: Context) -> None:
        """Check the fields against Meta's limits and change them."""
        from airflow_provider_whatsapp.models.business_profile import BusinessProfileUpdate
        from airflow_provider_whatsapp.models.validation import validate

        fields = {field: getattr(self, name) for name, field in _FIELDS.items()}
        given = {field: value for field, value in fields.items() if value is not None}
        with fail_on_permanent_error():
            if not given:
                raise InvalidRequestError(
                    f"{', '.join(self.template_fields[:7])}: must have at least one of them set (got none). Pass one."
                )
            update = validate(
                BusinessProfileUpdate, given, arguments={("email",): ("email_address",)}
            )
            self.client.business_profile.update(
                update, phone_number_id=self.phone_number_id
            )
            PhoneNumbersLink.keep(context, self.client.config.business_account_id)
        self.log.info("Updated %s of the business profile", ", ".join(given))
