"""The pages for people: what the service's own API answers, as HTML. No page knows more than the API does."""
