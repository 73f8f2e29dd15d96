"""``kontor console``: a page for the people who operate Kontor. It asks the broker alone, as the commands do."""
