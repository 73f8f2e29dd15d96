"""Addresses as they are shown to those who may not see them whole."""


def masked(address: str) -> str:
    """``m***@example.com``: enough to recognize a mail, too little to write one."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"
