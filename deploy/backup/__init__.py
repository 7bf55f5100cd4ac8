"""Saving what the platform knows, and bringing it back elsewhere.

    python -m deploy.backup save FOLDER         while everything runs
    python -m deploy.backup restore FOLDER      into empty databases; --force empties them first

Saved are the databases of those who own something (registry, issues, notifications), all at one moment of the cluster.
Read models are not: restoring leaves in the owners' outboxes what fills them again. What was still unpublished at that
moment is published after the restore; readers notice what they have had. Secrets are not in it: with new ones the
filers' secrets and API keys still fit (their hashes are in it), agencies' passwords do not, nobody with a second factor
signs in without the old MAHALLE_CONTACT_KEYS, and a filing repeated under its old Idempotency-Key is answered with a
secret that does not fit. MONGO_URI and MAHALLE_DATABASE say where.
"""
OWNERS = ("registry", "issues", "notifications")
READ_MODELS = ("booklet",)
