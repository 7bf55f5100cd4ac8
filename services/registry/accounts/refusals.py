"""What is said to who is not let in: one sentence for all that can be wrong, so that nobody learns which it was."""
from contracts.errors import NotAllowed, Refused, Unauthenticated


def wrong() -> Unauthenticated:
    return Unauthenticated("not_signed_in", "نام کاربری، گذرواژه یا کد درست نیست. دوباره بررسی کنید یا از دبیرخانه "
                           "کمک بگیرید.",
                           "The login name, the password or the code is not right. Check them, or ask the secretariat.")


def bad_invitation() -> Unauthenticated:
    return Unauthenticated("bad_invitation", "این دعوت شناخته نیست، یک بار به کار رفته یا زمانش گذشته است. از دبیرخانه دعوت "
                           "تازه بخواهید.", "This invitation is unknown, was used, or is too old. Ask the secretariat for a "
                           "new one.")


def signed_out() -> Unauthenticated:
    return Unauthenticated("signed_out", "این نشست پایان یافته یا حساب بسته شده است. دوباره وارد شوید.",
                           "This session has ended or the account is closed. Sign in again.")


def login_taken() -> Refused:
    return Refused("login_taken", "این نام کاربری از آنِ دیگری است یا این شخص نام کاربری دیگری دارد.",
                   "This login name is somebody else's, or this person has another one.")


def operators_only() -> NotAllowed:
    return NotAllowed("not_allowed", "حساب راهبر سامانه، مددکار و کارمند دستگاه را فقط راهبر سامانه تغییر می‌دهد.",
                      "The accounts of operators, case workers and agencies' people are changed by an operator only.")


def elsewhere() -> NotAllowed:
    return NotAllowed("not_your_place", "این حساب در محدودهٔ کار شما نیست. از دبیرخانهٔ همان‌جا بخواهید.",
                      "This account is not in your area. Ask its own secretariat.")
