"""Pages of the portal: for people who are signed in, with navigation, forms and the API of their service behind them."""
