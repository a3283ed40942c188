"""Where a store, a policy, rules and a clock meet: `Crm`, its unit of work, its repositories and services."""
