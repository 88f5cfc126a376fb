"""The sandbox's face on Taxcom's wire: keys, contacts, ZIP containers, lists of transactions."""
