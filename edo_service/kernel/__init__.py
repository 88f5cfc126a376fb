"""What every area stands on: unit of work, jobs, inbox, journal, workflow, scope, money, calendar, secrets, clock, ids.

Import the module you need (`from edo_service.kernel.uow import UnitOfWork`); the package itself imports nothing.
"""
