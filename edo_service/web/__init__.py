"""What areas share towards the browser: layout, components, static files, security, errors -> HTTP, slots."""
