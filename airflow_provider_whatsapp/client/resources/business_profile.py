"""The business profile of a phone number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.http.calls import Call
from airflow_provider_whatsapp.models.base import Success
from airflow_provider_whatsapp.models.business_profile import (
    BusinessProfile,
    BusinessProfileResponse,
    BusinessProfileUpdate,
)
from airflow_provider_whatsapp.models.validation import validate

FIELDS = (
    "about",
    "address",
    "description",
    "email",
    "profile_picture_url",
    "websites",
    "vertical",
)


class BusinessProfiles:
    """``/{phone_number_id}/whatsapp_business_profile``."""

    def __init__(self, api: Api) -> None:
        """Use ``api``."""
        self._api = api

    def get(
        self, phone_number_id: str | None = None, *, fields: Sequence[str] = FIELDS
    ) -> BusinessProfile:
        """
        Return the profile of a number, the account's default if no id is given.

        :param fields: what to return of it; without fields Meta returns almost nothing.
        :raises NotFoundError: if there is no number of this id.

        https://developers.facebook.com/docs/whatsapp/cloud-api/reference/business-profiles#get-business-profile
        """
        call = Call(
            method="GET",
            path=self._path(phone_number_id),
            params={"fields": ",".join(fields)},
        )
        found = self._api.call(call, BusinessProfileResponse).data
        # A number without a profile has one without fields, so that callers need not check for None.
        if not found:
            return BusinessProfile()
        return found[0]

    def update(
        self,
        profile: BusinessProfileUpdate | Mapping[str, Any],
        *,
        phone_number_id: str | None = None,
    ) -> None:
        """
        Change the fields that are given, and leave the others as they are.

        A second update with the same fields changes nothing more, so the client retries one whose response was lost.

        :param profile: the fields, see :class:`BusinessProfileUpdate`.
        :param phone_number_id: whose profile, the account's default if absent.
        :raises InvalidRequestError: if a field breaks a limit; nothing was sent.

        https://developers.facebook.com/docs/whatsapp/cloud-api/reference/business-profiles#update-business-profile
        """
        body = validate(BusinessProfileUpdate, profile, field="profile").encode()
        self._api.call(
            Call(method="POST", path=self._path(phone_number_id), json=body), Success
        )

    def _path(self, phone_number_id: str | None) -> str:
        return f"{self._api.config.phone_number_id_of(phone_number_id)}/whatsapp_business_profile"
