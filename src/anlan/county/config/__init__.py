"""How the rooms are put together: settings, URLs, middleware, the server."""
