"""What states, statuses, actions and roles are called in Persian, for sentences and tables that people read."""
STATES = {
    "offered": "پیشنهادشده", "accepted": "پذیرفته", "in_progress": "در دست کار", "waiting": "در انتظار",
    "awaiting_funds": "نیازمند تأمین اعتبار", "done": "انجام‌شده", "refused": "ردشده", "referred": "ارجاع‌شده",
    "cancelled": "لغوشده"}
STATUSES = STATES | {
    "filed": "ثبت‌شده", "routed": "سپرده‌شده", "closed": "بسته", "withdrawn": "پس‌گرفته", "rejected": "نپذیرفته",
    "duplicate": "تکراری"}
ACTIONS = {
    "offer": "پیشنهاد", "accept": "پذیرش", "refuse": "رد", "refer": "ارجاع", "start": "آغاز", "wait": "انتظار",
    "resume": "ازسرگیری", "ask_deferral": "درخواست تعویق", "defer": "تعویق تا تأمین اعتبار",
    "ask_extension": "درخواست تمدید", "extend": "تمدید مهلت", "decline": "نپذیرفتن درخواست", "finish": "پایان",
    "redo": "دوباره‌کاری", "cancel": "لغو"}
ROLES = {
    "agency": "دستگاه", "secretary": "دبیر", "filer": "ثبت‌کننده", "router": "قاعدهٔ ارجاع", "clock": "زمان",
    "neighbourhood_manager": "مدیر محله", "reporter": "خبرنگار محله", "case_worker": "مددکار"}
