"""The page: application, routes, middleware, users, and the HTML that it shows."""
