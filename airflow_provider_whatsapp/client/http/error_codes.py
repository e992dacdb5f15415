"""
What Meta's error codes mean to a caller.

Codes and titles are Meta's (https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes);
their class here, and whether a retry helps, is this package's reading of them. The HTTP status does not tell: throttles
arrive as 400, and some 500s are permanent.
"""

from __future__ import annotations

from typing import NamedTuple

from airflow_provider_whatsapp.exceptions import (
    AccountError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    MediaError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RecipientError,
    TemplateError,
    TransientError,
)


class Code(NamedTuple):
    """
    One error code.

    :param error: the class that this package raises.
    :param title: Meta's own words for it.
    :param retry: the same call can succeed soon. An error that passes only after hours or days has ``False``.
    :param wait: seconds before the second attempt.
    :param factor: by which the wait grows before each further attempt.
    :param tries: attempts in all.
    """

    error: type[ApiError]
    title: str
    retry: bool = False
    wait: float = 1.0
    factor: float = 2.0
    tries: int = 5


def find(code: int | None, subcode: int | None) -> Code | None:
    """Return the row of an error. The subcode is the more exact reason, so it goes first."""
    for number in (subcode, code):
        if number in CODES:
            return CODES[number]
    # Meta documents the range as missing permissions, and does not list them one by one.
    if code is not None and 201 <= code <= 299:
        return Code(PermissionDeniedError, "API Permission")
    return None


def remedy(error: type[ApiError], code: int | None, subcode: int | None) -> str:
    """Return what to do next, one sentence."""
    for number in (subcode, code):
        if number in _REMEDIES:
            return _REMEDIES[number]
    return _CLASS_REMEDIES[error]


_CLASS_REMEDIES: dict[type[ApiError], str] = {
    AccountError: "Open WhatsApp Manager and resolve what it shows for this account and number.",
    AuthenticationError: "Reconnect WhatsApp Business at maton.ai/connections, then try again.",
    BadRequestError: "Compare the call with Meta's reference for this endpoint.",
    MediaError: "Check type, size and reachability of the file, and upload it again.",
    NotFoundError: "Check the id, and that the connected account can see it.",
    PermissionDeniedError: "Reconnect WhatsApp Business at maton.ai/connections and grant all it asks for.",
    RateLimitedError: "Send more slowly: spread the calls out, with an Airflow pool or a lower requests_per_second.",
    RecipientError: "Leave this recipient out; other recipients are not affected.",
    TemplateError: "Compare the template in WhatsApp Manager with what was sent.",
    TransientError: "Try again later; see metastatus.com/whatsapp-business-api if it lasts.",
}

_REMEDIES: dict[int | None, str] = {
    33: "Check the id in the connection or the argument: it must be an id, and of this business.",
    368: "Read the policy notice in WhatsApp Manager, and appeal there.",
    130429: "The number sends faster than its throughput: spread the sends out.",
    130472: "Meta keeps marketing from this person as an experiment; do not try again.",
    130497: "Business messages to this country are not allowed for this account.",
    131000: "Try again; if it lasts, give Meta's support the fbtrace_id.",
    131005: "Reconnect WhatsApp Business at maton.ai/connections and grant all it asks for.",
    131008: "Fill every parameter that the template has, buttons included.",
    131026: "The person has no WhatsApp, an old version of it, or has blocked the number: leave it out.",
    131030: "A test number reaches only the numbers on its allow-list: add the recipient there.",
    131031: "The account is locked: read the policy notice in WhatsApp Manager.",
    131042: "Add or correct the payment method of the WhatsApp Business account.",
    131047: "More than 24 hours have passed since the person wrote: send a template instead.",
    131048: "The number is restricted for spam: wait until WhatsApp Manager shows it as lifted.",
    131049: "Meta limits marketing to this person: wait at least 24 hours.",
    131050: "The person has stopped marketing messages from this business: leave it out.",
    131053: "Meta could not read the file: check its type and size, and that a link is public.",
    131056: "Too many messages to this one person: wait; one each 6 seconds is allowed.",
    131058: "hello_world works from Meta's test numbers only: use a template of your own.",
    131064: "Template categories were misused: the limit is lifted when the enforcement period ends.",
    132000: "Pass exactly as many parameters as the template has.",
    132001: "Check name and language, and that the template is approved (TemplateApprovalSensor waits for it).",
    132005: "Shorten the parameters: the filled-in text is too long.",
    132012: "Pass parameters of the template's kinds: named or positional, text or media header.",
    132015: "The template is paused for low quality: edit it, or wait 3 to 6 hours.",
    132016: "The template is disabled permanently: create one with another name.",
    132018: "Remove line breaks, tabs and long gaps from the parameters.",
    133010: "Register the business's phone number for the Cloud API in WhatsApp Manager.",
    2388019: "Delete templates that are no longer used; each language counts.",
    2388023: "A deleted name is blocked for 30 days: choose another name.",
    2388024: "The template exists already in this language: edit it, or choose another name.",
    2388039: "Wait until the review has ended, then edit it.",
    2388043: "Add the missing component, or an example for each variable.",
    2388273: "Add example.header_handle from a resumable upload; a media id is not accepted.",
    2388293: "Add words around the variables, or use fewer of them.",
    2388299: "Put words before the first and after the last variable; punctuation does not count.",
}

CODES: dict[int | None, Code] = {
    0: Code(AuthenticationError, "AuthException"),
    # Retried if the response is marked is_transient.
    1: Code(BadRequestError, "API Unknown"),
    2: Code(TransientError, "API Service", retry=True),
    3: Code(PermissionDeniedError, "API Method"),
    4: Code(RateLimitedError, "API Too Many Calls", retry=True, wait=30),
    10: Code(PermissionDeniedError, "Permission Denied"),
    17: Code(RateLimitedError, "User request limit reached", retry=True, wait=30),
    32: Code(RateLimitedError, "Page request limit reached", retry=True, wait=30),
    33: Code(NotFoundError, "No such object, or not visible to this account"),
    100: Code(BadRequestError, "Invalid parameter"),
    102: Code(AuthenticationError, "API Session"),
    104: Code(AuthenticationError, "Access token required"),
    190: Code(AuthenticationError, "Access token has expired"),
    200: Code(PermissionDeniedError, "API Permission (or no token)"),
    341: Code(RateLimitedError, "Application limit reached", retry=True, wait=30),
    368: Code(AccountError, "Temporarily blocked for policies violations"),
    506: Code(BadRequestError, "Duplicate post"),
    613: Code(RateLimitedError, "Custom rate limit", retry=True, wait=30),
    803: Code(NotFoundError, "Some of the aliases you requested do not exist"),
    80007: Code(RateLimitedError, "Rate limit issues", retry=True, wait=30),
    80008: Code(RateLimitedError, "WABA management rate limit", retry=True, wait=30),
    130403: Code(RecipientError, "Recipient is blocked by the business"),
    130429: Code(RateLimitedError, "Rate limit hit", retry=True),
    130472: Code(RecipientError, "User's number is part of an experiment"),
    130497: Code(
        AccountError, "Business account restricted from messaging users in this country"
    ),
    131000: Code(TransientError, "Something went wrong", retry=True, tries=3),
    131001: Code(BadRequestError, "Message too long"),
    131002: Code(BadRequestError, "Invalid recipient type"),
    131005: Code(PermissionDeniedError, "Access denied"),
    131006: Code(NotFoundError, "Resource not found"),
    131008: Code(BadRequestError, "Required parameter is missing"),
    131009: Code(BadRequestError, "Parameter value is not valid"),
    131016: Code(TransientError, "Service unavailable", retry=True),
    131020: Code(RecipientError, "Bad group"),
    131021: Code(RecipientError, "Recipient cannot be sender"),
    131026: Code(RecipientError, "Message undeliverable"),
    131030: Code(RecipientError, "Recipient phone number not in allowed list"),
    131031: Code(AccountError, "Account has been locked"),
    131037: Code(AccountError, "Display name not approved"),
    131041: Code(RecipientError, "Group unknown"),
    131042: Code(AccountError, "Business eligibility payment issue"),
    131043: Code(RecipientError, "Message expired"),
    131044: Code(AccountError, "Payment issue (calling)"),
    131045: Code(AccountError, "Incorrect certificate"),
    131047: Code(RecipientError, "Re-engagement message"),
    131048: Code(RateLimitedError, "Spam rate limit hit"),
    131049: Code(RecipientError, "Meta chose not to deliver (healthy ecosystem)"),
    131050: Code(RecipientError, "User stopped marketing messages"),
    131051: Code(BadRequestError, "Unsupported message type"),
    131052: Code(MediaError, "Media download error"),
    131053: Code(MediaError, "Media upload error"),
    131055: Code(BadRequestError, "Method not allowed"),
    131056: Code(RateLimitedError, "Pair rate limit hit", retry=True, wait=4, factor=4),
    131057: Code(TransientError, "Account in maintenance mode", retry=True, wait=60),
    131058: Code(
        TemplateError, "Hello World templates can only be sent from the public test numbers"
    ),
    131059: Code(BadRequestError, "Invalid cursor"),
    131060: Code(BadRequestError, "Message unavailable"),
    131062: Code(RecipientError, "BSUID recipients not supported"),
    131063: Code(TemplateError, "Marketing templates disabled on Cloud API"),
    131064: Code(RateLimitedError, "Messaging limit reached (classification violations)"),
    131201: Code(BadRequestError, "Partially succeeded"),
    131202: Code(BadRequestError, "Duplicate participant"),
    131204: Code(BadRequestError, "Participants over limit"),
    131207: Code(AccountError, "Group suspended"),
    131208: Code(RateLimitedError, "Group rate limit hit", retry=True),
    131209: Code(MediaError, "Picture aspect ratio"),
    131210: Code(MediaError, "Image too small"),
    131211: Code(AccountError, "Group creation limit"),
    131212: Code(RecipientError, "Participant not in group"),
    131213: Code(BadRequestError, "Join request missing"),
    131214: Code(AccountError, "Group creation disabled"),
    131215: Code(PermissionDeniedError, "Groups API not eligible"),
    132000: Code(TemplateError, "Template param count mismatch"),
    132001: Code(TemplateError, "Template does not exist"),
    132005: Code(TemplateError, "Template hydrated text too long"),
    132007: Code(TemplateError, "Template format character policy violated"),
    132008: Code(TemplateError, "Template parameter value invalid"),
    132012: Code(TemplateError, "Template parameter format mismatch"),
    132015: Code(TemplateError, "Template is paused"),
    132016: Code(TemplateError, "Template is disabled"),
    132018: Code(TemplateError, "Template validation error"),
    132068: Code(TemplateError, "Flow is blocked"),
    132069: Code(RateLimitedError, "Flow is throttled"),
    133000: Code(AccountError, "Incomplete deregistration"),
    133001: Code(AccountError, "Decryption failed (on-prem legacy)"),
    133002: Code(AccountError, "Backup blob decryption failed (legacy)"),
    133003: Code(AccountError, "Recovery token decryption failed (legacy)"),
    133004: Code(TransientError, "Server temporarily unavailable", retry=True),
    133005: Code(AccountError, "Two step verification PIN mismatch"),
    133006: Code(AccountError, "Phone number re-verification needed"),
    133007: Code(AccountError, "Account blocked (legacy)"),
    133008: Code(AccountError, "Too many PIN guesses"),
    133009: Code(AccountError, "PIN guessed too fast"),
    133010: Code(AccountError, "Phone number not registered"),
    133015: Code(
        TransientError, "Wait before registering this number", retry=True, wait=300
    ),
    133016: Code(RateLimitedError, "Account register/deregister rate limit exceeded"),
    134011: Code(AccountError, "Payments terms not accepted"),
    134100: Code(TemplateError, "Only marketing messages supported"),
    134101: Code(TransientError, "Template is still syncing", retry=True, wait=60),
    134102: Code(TemplateError, "Template unavailable for use"),
    135000: Code(BadRequestError, "Generic user error"),
    136025: Code(AccountError, "Verify code error"),
    137000: Code(RecipientError, "Recipient identity key hash mismatch"),
    138000: Code(AccountError, "Calling not enabled"),
    138001: Code(RecipientError, "Receiver uncallable"),
    138002: Code(RateLimitedError, "Concurrent calls limit", retry=True),
    138003: Code(RecipientError, "Duplicate call"),
    138004: Code(TransientError, "Call connection error", retry=True),
    138005: Code(RateLimitedError, "Call rate limit exceeded", retry=True),
    138006: Code(RecipientError, "No call permission"),
    138007: Code(TransientError, "Call connection timeout", retry=True),
    138009: Code(RateLimitedError, "Call permission request limit"),
    138012: Code(RateLimitedError, "Business initiated calls limit (24h)"),
    138013: Code(RateLimitedError, "Fetch call permission limit (now 613)", retry=True),
    138018: Code(AccountError, "Calling cannot be enabled"),
    138024: Code(AccountError, "Health: SIP not enabled"),
    138025: Code(AccountError, "Health: app has no SIP server"),
    139000: Code(AccountError, "Flow blocked by integrity"),
    139001: Code(BadRequestError, "Flow updating error"),
    139002: Code(BadRequestError, "Flow publishing error"),
    139003: Code(BadRequestError, "Flow deprecating error"),
    139004: Code(BadRequestError, "Flow deleting error"),
    139100: Code(BadRequestError, "Bulk blocking failed (some users)"),
    139101: Code(AccountError, "Blocklist limit reached (64k)"),
    139102: Code(TransientError, "Blocklist concurrent update", retry=True),
    139103: Code(TransientError, "Block users internal error", retry=True),
    141002: Code(TemplateError, "Health: template not approved"),
    141006: Code(AccountError, "Health: payment method error"),
    141010: Code(AccountError, "Health: business not verified"),
    141014: Code(AccountError, "Health: WABA banned"),
    147001: Code(BadRequestError, "Username not available"),
    147002: Code(PermissionDeniedError, "Account not eligible for username"),
    147003: Code(AccountError, "Facebook page not linked"),
    147004: Code(AccountError, "Instagram account not linked"),
    147005: Code(BadRequestError, "Username transfer required"),
    200005: Code(PermissionDeniedError, "Template insights unavailable"),
    200006: Code(BadRequestError, "Cannot disable template insights"),
    200007: Code(PermissionDeniedError, "Template insights not enabled"),
    1609005: Code(MediaError, "Link error"),
    1752041: Code(BadRequestError, "Duplicate request"),
    2388001: Code(AccountError, "Cannot create certificate"),
    2388004: Code(RateLimitedError, "Could not send code"),
    2388012: Code(AccountError, "Number already in your list"),
    2388019: Code(TemplateError, "Message template limit exceeded"),
    2388023: Code(TemplateError, "Language being deleted"),
    2388024: Code(TemplateError, "Content in this language already exists"),
    2388039: Code(TemplateError, "Message template status can't be changed"),
    2388040: Code(TemplateError, "Character limit exceeded"),
    2388043: Code(TemplateError, "Component/example missing"),
    2388046: Code(TemplateError, "Name format is incorrect"),
    2388047: Code(TemplateError, "Message header format is incorrect"),
    2388072: Code(TemplateError, "Message body (or header) format is incorrect"),
    2388073: Code(TemplateError, "Message footer format is incorrect"),
    2388091: Code(AccountError, "Not eligible to receive/verify a registration code"),
    2388093: Code(AccountError, "Not eligible to receive/verify a registration code"),
    2388094: Code(TemplateError, "Cannot delete sample template"),
    2388103: Code(AccountError, "Cannot migrate phone number"),
    2388273: Code(TemplateError, "Media header sample missing"),
    2388293: Code(TemplateError, "Parameters words ratio exceeds limit"),
    2388299: Code(TemplateError, "Leading or trailing parameters not allowed"),
    2494100: Code(TransientError, "Account is in maintenance mode", retry=True, wait=30),
    2494164: Code(BadRequestError, "Signup not found"),
    2494165: Code(PermissionDeniedError, "Signup API not enabled"),
    2494166: Code(BadRequestError, "Signup unknown placeholder"),
    2494167: Code(BadRequestError, "Signup missing promo_code"),
    2494168: Code(BadRequestError, "Signup ToS not accepted"),
    2494176: Code(BadRequestError, "Signup ToS already accepted"),
    2494177: Code(BadRequestError, "Signup ToS URL not allowed"),
    2494179: Code(BadRequestError, "Signup website URL must be https"),
    2593107: Code(AccountError, "Sync API call limit"),
    2593108: Code(AccountError, "Sync window over"),
}
