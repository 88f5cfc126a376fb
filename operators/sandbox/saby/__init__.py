"""The sandbox's face on Saby's wire: JSON-RPC 2.0, sessions, the three-step send, service stages, the list of changes."""
