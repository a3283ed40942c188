CREATE TABLE {schema}"{prefix}account_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	name_match TEXT COLLATE "C",
	legal_name TEXT COLLATE "C" NOT NULL,
	legal_name_key TEXT COLLATE "C",
	legal_name_match TEXT COLLATE "C",
	tax_number TEXT COLLATE "C" NOT NULL,
	tax_number_key TEXT COLLATE "C",
	tax_number_match TEXT COLLATE "C",
	address TEXT COLLATE "C",
	address_city_key TEXT COLLATE "C",
	address_country_key TEXT COLLATE "C",
	phone TEXT COLLATE "C",
	phone_purpose TEXT COLLATE "C",
	phone_key TEXT COLLATE "C",
	phone_match TEXT COLLATE "C",
	email TEXT COLLATE "C",
	email_purpose TEXT COLLATE "C",
	email_key TEXT COLLATE "C",
	email_match TEXT COLLATE "C",
	web TEXT COLLATE "C" NOT NULL,
	web_match TEXT COLLATE "C",
	territory UUID,
	salesperson UUID,
	sic_code TEXT COLLATE "C" NOT NULL,
	sic_code_key TEXT COLLATE "C",
	company_revenue BIGINT,
	company_revenue_currency TEXT COLLATE "C",
	employees BIGINT,
	currency TEXT COLLATE "C" NOT NULL,
	notes TEXT COLLATE "C" NOT NULL,
	prospect_number TEXT COLLATE "C",
	prospect_number_key TEXT COLLATE "C",
	customer_number TEXT COLLATE "C",
	customer_number_key TEXT COLLATE "C",
	credit_hold SMALLINT,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}account_history_1 ON {schema}"{prefix}account_history" (tenant_id, kind, name_key, id, until, recorded_at);

CREATE INDEX ix_{prefix}account_history_2 ON {schema}"{prefix}account_history" (tenant_id, territory, kind, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE INDEX ix_{prefix}account_history_3 ON {schema}"{prefix}account_history" (tenant_id, salesperson, kind, id, until, recorded_at) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}account_history_4 ON {schema}"{prefix}account_history" (tenant_id, kind, until, recorded_at);

CREATE TABLE {schema}"{prefix}announcement_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	target UUID NOT NULL,
	target_opportunity_task UUID,
	target_lead UUID,
	target_opportunity UUID,
	target_interaction UUID,
	event TEXT COLLATE "C" NOT NULL,
	due_on DATE NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}announcement_history_1 ON {schema}"{prefix}announcement_history" (tenant_id, target, id, until, recorded_at);

CREATE INDEX ix_{prefix}announcement_history_2 ON {schema}"{prefix}announcement_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}campaign_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	type TEXT COLLATE "C",
	status TEXT COLLATE "C",
	owner TEXT COLLATE "C" NOT NULL,
	starts_on DATE,
	ends_on DATE,
	budget BIGINT,
	budget_currency TEXT COLLATE "C",
	actual_cost BIGINT,
	actual_cost_currency TEXT COLLATE "C",
	audience_size BIGINT,
	expected_responses BIGINT,
	expected_revenue BIGINT,
	expected_revenue_currency TEXT COLLATE "C",
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}campaign_history_1 ON {schema}"{prefix}campaign_history" (tenant_id, starts_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}campaign_history_2 ON {schema}"{prefix}campaign_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}campaign_item_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	campaign UUID NOT NULL,
	item UUID NOT NULL,
	note TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}campaign_item_history_1 ON {schema}"{prefix}campaign_item_history" (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_{prefix}campaign_item_history_2 ON {schema}"{prefix}campaign_item_history" (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_{prefix}campaign_item_history_3 ON {schema}"{prefix}campaign_item_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}campaign_member_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	campaign UUID NOT NULL,
	member UUID NOT NULL,
	member_sales_contact UUID,
	member_lead UUID,
	status TEXT COLLATE "C",
	responded_on DATE,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}campaign_member_history_1 ON {schema}"{prefix}campaign_member_history" (tenant_id, member, id, until, recorded_at);

CREATE INDEX ix_{prefix}campaign_member_history_2 ON {schema}"{prefix}campaign_member_history" (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_{prefix}campaign_member_history_3 ON {schema}"{prefix}campaign_member_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}campaign_member_status" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_member_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}campaign_member_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_campaign_member_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_campaign_member_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_campaign_member_status_category_1 CHECK ("category" IN ('sent', 'responded'))
);

CREATE TABLE {schema}"{prefix}campaign_member_status_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}campaign_member_status_history_1 ON {schema}"{prefix}campaign_member_status_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}campaign_status" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}campaign_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_campaign_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_campaign_status_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE {schema}"{prefix}campaign_status_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}campaign_status_history_1 ON {schema}"{prefix}campaign_status_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}campaign_type" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_type_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}campaign_type_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_campaign_type_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_campaign_type_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE {schema}"{prefix}campaign_type_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}campaign_type_history_1 ON {schema}"{prefix}campaign_type_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}competitor" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	contact_person TEXT COLLATE "C" NOT NULL,
	contact_person_key TEXT COLLATE "C",
	address TEXT COLLATE "C",
	address_city_key TEXT COLLATE "C",
	address_country_key TEXT COLLATE "C",
	phone TEXT COLLATE "C",
	phone_purpose TEXT COLLATE "C",
	phone_key TEXT COLLATE "C",
	email TEXT COLLATE "C",
	email_purpose TEXT COLLATE "C",
	email_key TEXT COLLATE "C",
	web TEXT COLLATE "C" NOT NULL,
	company_revenue BIGINT,
	company_revenue_currency TEXT COLLATE "C",
	employees BIGINT,
	strengths TEXT COLLATE "C" NOT NULL,
	weaknesses TEXT COLLATE "C" NOT NULL,
	notes TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}competitor_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT ck_competitor_company_revenue_1 CHECK ("company_revenue" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_competitor_company_revenue_2 CHECK ("company_revenue" >= 0),
	CONSTRAINT ck_competitor_employees_1 CHECK ("employees" >= 0),
	CONSTRAINT ck_competitor_employees_2 CHECK ("employees" <= 1000000000)
);

CREATE TABLE {schema}"{prefix}competitor_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	contact_person TEXT COLLATE "C" NOT NULL,
	contact_person_key TEXT COLLATE "C",
	address TEXT COLLATE "C",
	address_city_key TEXT COLLATE "C",
	address_country_key TEXT COLLATE "C",
	phone TEXT COLLATE "C",
	phone_purpose TEXT COLLATE "C",
	phone_key TEXT COLLATE "C",
	email TEXT COLLATE "C",
	email_purpose TEXT COLLATE "C",
	email_key TEXT COLLATE "C",
	web TEXT COLLATE "C" NOT NULL,
	company_revenue BIGINT,
	company_revenue_currency TEXT COLLATE "C",
	employees BIGINT,
	strengths TEXT COLLATE "C" NOT NULL,
	weaknesses TEXT COLLATE "C" NOT NULL,
	notes TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}competitor_history_1 ON {schema}"{prefix}competitor_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}contact_account_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	sales_contact UUID NOT NULL,
	account UUID NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}contact_account_history_1 ON {schema}"{prefix}contact_account_history" (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_account_history_2 ON {schema}"{prefix}contact_account_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_account_history_3 ON {schema}"{prefix}contact_account_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}contact_email_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	sales_contact UUID NOT NULL,
	position BIGINT NOT NULL,
	email TEXT COLLATE "C" NOT NULL,
	email_purpose TEXT COLLATE "C" NOT NULL,
	email_key TEXT COLLATE "C" NOT NULL,
	email_match TEXT COLLATE "C",
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}contact_email_history_1 ON {schema}"{prefix}contact_email_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_email_history_2 ON {schema}"{prefix}contact_email_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}contact_phone_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	sales_contact UUID NOT NULL,
	position BIGINT NOT NULL,
	phone TEXT COLLATE "C" NOT NULL,
	phone_purpose TEXT COLLATE "C" NOT NULL,
	phone_key TEXT COLLATE "C" NOT NULL,
	phone_match TEXT COLLATE "C",
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}contact_phone_history_1 ON {schema}"{prefix}contact_phone_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_phone_history_2 ON {schema}"{prefix}contact_phone_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}contact_salesperson_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	sales_contact UUID NOT NULL,
	salesperson UUID NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}contact_salesperson_history_1 ON {schema}"{prefix}contact_salesperson_history" (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_salesperson_history_2 ON {schema}"{prefix}contact_salesperson_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_salesperson_history_3 ON {schema}"{prefix}contact_salesperson_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}conversation_entry_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	interaction UUID NOT NULL,
	position BIGINT NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	internal SMALLINT NOT NULL,
	incoming SMALLINT NOT NULL,
	channel TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	at BIGINT,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}conversation_entry_history_1 ON {schema}"{prefix}conversation_entry_history" (tenant_id, interaction, id, until, recorded_at);

CREATE INDEX ix_{prefix}conversation_entry_history_2 ON {schema}"{prefix}conversation_entry_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}conversion" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	account UUID NOT NULL,
	prospect_number TEXT COLLATE "C" NOT NULL,
	customer_number TEXT COLLATE "C" NOT NULL,
	customer_version BIGINT NOT NULL,
	given TEXT COLLATE "C",
	carried TEXT COLLATE "C",
	opportunity UUID,
	prospect UUID,
	merge UUID,
	policy TEXT COLLATE "C" NOT NULL,
	request_key TEXT COLLATE "C" NOT NULL,
	request_key_key TEXT COLLATE "C",
	request TEXT COLLATE "C" NOT NULL,
	converted_by TEXT COLLATE "C" NOT NULL,
	converted_at BIGINT,
	undone_by TEXT COLLATE "C" NOT NULL,
	undone_at BIGINT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}conversion_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT uq_{prefix}conversion_request_key_key UNIQUE (tenant_id, request_key_key)
);

CREATE INDEX ix_{prefix}conversion_1 ON {schema}"{prefix}conversion" (tenant_id, account, id);

CREATE INDEX ix_{prefix}conversion_2 ON {schema}"{prefix}conversion" (tenant_id, undone_at, id) WHERE undone_at IS NOT NULL;

CREATE TABLE {schema}"{prefix}conversion_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	account UUID NOT NULL,
	prospect_number TEXT COLLATE "C" NOT NULL,
	customer_number TEXT COLLATE "C" NOT NULL,
	customer_version BIGINT NOT NULL,
	given TEXT COLLATE "C",
	carried TEXT COLLATE "C",
	opportunity UUID,
	prospect UUID,
	merge UUID,
	policy TEXT COLLATE "C" NOT NULL,
	request_key TEXT COLLATE "C" NOT NULL,
	request_key_key TEXT COLLATE "C",
	request TEXT COLLATE "C" NOT NULL,
	converted_by TEXT COLLATE "C" NOT NULL,
	converted_at BIGINT,
	undone_by TEXT COLLATE "C" NOT NULL,
	undone_at BIGINT,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}conversion_history_1 ON {schema}"{prefix}conversion_history" (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_{prefix}conversion_history_2 ON {schema}"{prefix}conversion_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}crmkit_schema" (
	version_num TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (version_num)
);

CREATE TABLE {schema}"{prefix}estimate_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	currency TEXT COLLATE "C" NOT NULL,
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	account UUID NOT NULL,
	lead UUID,
	opportunity UUID,
	status TEXT COLLATE "C",
	salesperson UUID,
	taken_by TEXT COLLATE "C" NOT NULL,
	dated DATE,
	projected_date DATE,
	valid_until DATE,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}estimate_history_1 ON {schema}"{prefix}estimate_history" (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_history_2 ON {schema}"{prefix}estimate_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_history_3 ON {schema}"{prefix}estimate_history" (tenant_id, lead, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_history_4 ON {schema}"{prefix}estimate_history" (tenant_id, dated, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_history_5 ON {schema}"{prefix}estimate_history" (tenant_id, salesperson, id, until, recorded_at) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}estimate_history_6 ON {schema}"{prefix}estimate_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}estimate_line_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	position BIGINT NOT NULL,
	item UUID,
	description TEXT COLLATE "C" NOT NULL,
	quantity BIGINT NOT NULL,
	unit_price BIGINT NOT NULL,
	discount BIGINT NOT NULL,
	amount BIGINT,
	amount_currency TEXT COLLATE "C",
	estimate UUID NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}estimate_line_history_1 ON {schema}"{prefix}estimate_line_history" (tenant_id, estimate, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_line_history_2 ON {schema}"{prefix}estimate_line_history" (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_line_history_3 ON {schema}"{prefix}estimate_line_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}estimate_status" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}estimate_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}estimate_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_estimate_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_estimate_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_estimate_status_category_1 CHECK ("category" IN ('open', 'accepted', 'declined'))
);

CREATE TABLE {schema}"{prefix}estimate_status_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}estimate_status_history_1 ON {schema}"{prefix}estimate_status_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}exchange_rate" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	from_currency TEXT COLLATE "C" NOT NULL,
	to_currency TEXT COLLATE "C" NOT NULL,
	day DATE NOT NULL,
	rate BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}exchange_rate_from_currency_to_currency_day UNIQUE (tenant_id, from_currency, to_currency, day)
);

CREATE TABLE {schema}"{prefix}exchange_rate_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	from_currency TEXT COLLATE "C" NOT NULL,
	to_currency TEXT COLLATE "C" NOT NULL,
	day DATE NOT NULL,
	rate BIGINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}exchange_rate_history_1 ON {schema}"{prefix}exchange_rate_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}forecast_adjustment_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	forecast UUID NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	at BIGINT,
	amount BIGINT,
	amount_currency TEXT COLLATE "C",
	difference BIGINT,
	difference_currency TEXT COLLATE "C",
	note TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}forecast_adjustment_history_1 ON {schema}"{prefix}forecast_adjustment_history" (tenant_id, forecast, id, until, recorded_at);

CREATE INDEX ix_{prefix}forecast_adjustment_history_2 ON {schema}"{prefix}forecast_adjustment_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}forecast_line_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	forecast UUID NOT NULL,
	opportunity UUID NOT NULL,
	override BIGINT,
	override_currency TEXT COLLATE "C",
	note TEXT COLLATE "C" NOT NULL,
	value BIGINT,
	value_currency TEXT COLLATE "C",
	probability BIGINT,
	close_date DATE,
	status TEXT COLLATE "C",
	stage TEXT COLLATE "C",
	category TEXT COLLATE "C" NOT NULL,
	account UUID,
	rate BIGINT,
	override_rate BIGINT,
	own SMALLINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}forecast_line_history_1 ON {schema}"{prefix}forecast_line_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}forecast_line_history_2 ON {schema}"{prefix}forecast_line_history" (tenant_id, forecast, id, until, recorded_at);

CREATE INDEX ix_{prefix}forecast_line_history_3 ON {schema}"{prefix}forecast_line_history" (tenant_id, account, id, until, recorded_at) WHERE account IS NOT NULL;

CREATE INDEX ix_{prefix}forecast_line_history_4 ON {schema}"{prefix}forecast_line_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}forecast_snapshot" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	taken_at BIGINT,
	by TEXT COLLATE "C" NOT NULL,
	periods TEXT COLLATE "C" NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	figures TEXT COLLATE "C",
	PRIMARY KEY (tenant_id, id)
);

CREATE INDEX ix_{prefix}forecast_snapshot_1 ON {schema}"{prefix}forecast_snapshot" (tenant_id, taken_at, id);

CREATE TABLE {schema}"{prefix}forecast_snapshot_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	taken_at BIGINT,
	by TEXT COLLATE "C" NOT NULL,
	periods TEXT COLLATE "C" NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	figures TEXT COLLATE "C",
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}forecast_snapshot_history_1 ON {schema}"{prefix}forecast_snapshot_history" (tenant_id, taken_at, id, until, recorded_at);

CREATE INDEX ix_{prefix}forecast_snapshot_history_2 ON {schema}"{prefix}forecast_snapshot_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}interaction_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	subject UUID NOT NULL,
	subject_account UUID,
	subject_sales_contact UUID,
	topic TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	happened_at BIGINT,
	follow_up_on DATE,
	follow_up_done SMALLINT NOT NULL,
	contact_name TEXT COLLATE "C" NOT NULL,
	contact_name_key TEXT COLLATE "C",
	contact_phone TEXT COLLATE "C",
	contact_phone_purpose TEXT COLLATE "C",
	contact_phone_key TEXT COLLATE "C",
	sales_contact UUID,
	salesperson UUID,
	reference UUID,
	reference_lead UUID,
	reference_opportunity UUID,
	reference_estimate UUID,
	reference_order UUID,
	reference_item UUID,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}interaction_history_1 ON {schema}"{prefix}interaction_history" (tenant_id, subject, id, until, recorded_at);

CREATE INDEX ix_{prefix}interaction_history_2 ON {schema}"{prefix}interaction_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}interaction_history_3 ON {schema}"{prefix}interaction_history" (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_{prefix}interaction_history_4 ON {schema}"{prefix}interaction_history" (tenant_id, happened_at, id, until, recorded_at);

CREATE INDEX ix_{prefix}interaction_history_5 ON {schema}"{prefix}interaction_history" (tenant_id, follow_up_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}interaction_history_6 ON {schema}"{prefix}interaction_history" (tenant_id, reference, id, until, recorded_at) WHERE reference IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_history_7 ON {schema}"{prefix}interaction_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}interaction_topic" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}interaction_topic_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}interaction_topic_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_interaction_topic_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_interaction_topic_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_interaction_topic_category_1 CHECK ("category" IN ('prospect', 'customer', 'sales contact'))
);

CREATE TABLE {schema}"{prefix}interaction_topic_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}interaction_topic_history_1 ON {schema}"{prefix}interaction_topic_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}item" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	unit_price BIGINT,
	currency TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}item_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT ck_item_unit_price_1 CHECK ("unit_price" >= 0)
);

CREATE TABLE {schema}"{prefix}item_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	unit_price BIGINT,
	currency TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}item_history_1 ON {schema}"{prefix}item_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}lead_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	account UUID NOT NULL,
	status TEXT COLLATE "C",
	source TEXT COLLATE "C",
	quality TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	sales_contact UUID,
	salesperson UUID,
	territory UUID,
	campaign UUID,
	received_on DATE,
	next_step TEXT COLLATE "C" NOT NULL,
	follow_up_on DATE,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}lead_history_1 ON {schema}"{prefix}lead_history" (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_{prefix}lead_history_2 ON {schema}"{prefix}lead_history" (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_{prefix}lead_history_3 ON {schema}"{prefix}lead_history" (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_{prefix}lead_history_4 ON {schema}"{prefix}lead_history" (tenant_id, follow_up_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}lead_history_5 ON {schema}"{prefix}lead_history" (tenant_id, sales_contact, id, until, recorded_at) WHERE sales_contact IS NOT NULL;

CREATE INDEX ix_{prefix}lead_history_6 ON {schema}"{prefix}lead_history" (tenant_id, territory, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE INDEX ix_{prefix}lead_history_7 ON {schema}"{prefix}lead_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}lead_quality" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}lead_quality_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}lead_quality_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_lead_quality_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_lead_quality_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE {schema}"{prefix}lead_quality_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}lead_quality_history_1 ON {schema}"{prefix}lead_quality_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}lead_status" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}lead_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}lead_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_lead_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_lead_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_lead_status_category_1 CHECK ("category" IN ('open', 'qualified', 'disqualified'))
);

CREATE TABLE {schema}"{prefix}lead_status_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}lead_status_history_1 ON {schema}"{prefix}lead_status_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}lost_reason" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}lost_reason_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}lost_reason_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_lost_reason_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_lost_reason_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE {schema}"{prefix}lost_reason_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}lost_reason_history_1 ON {schema}"{prefix}lost_reason_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}merge" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	absorbed_kind TEXT COLLATE "C" NOT NULL,
	absorbed UUID NOT NULL,
	survivor UUID NOT NULL,
	absorbed_number TEXT COLLATE "C" NOT NULL,
	absorbed_number_key TEXT COLLATE "C",
	other_number TEXT COLLATE "C" NOT NULL,
	other_number_key TEXT COLLATE "C",
	absorbed_version BIGINT NOT NULL,
	survivor_version BIGINT NOT NULL,
	moved TEXT COLLATE "C",
	dropped TEXT COLLATE "C",
	adjusted TEXT COLLATE "C",
	chosen TEXT COLLATE "C",
	conversion UUID,
	merged_by TEXT COLLATE "C" NOT NULL,
	merged_at BIGINT,
	undone_by TEXT COLLATE "C" NOT NULL,
	undone_at BIGINT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}merge_number_key UNIQUE (tenant_id, number_key)
);

CREATE INDEX ix_{prefix}merge_1 ON {schema}"{prefix}merge" (tenant_id, absorbed, id);

CREATE INDEX ix_{prefix}merge_2 ON {schema}"{prefix}merge" (tenant_id, survivor, id);

CREATE INDEX ix_{prefix}merge_3 ON {schema}"{prefix}merge" (tenant_id, absorbed_number_key, id);

CREATE INDEX ix_{prefix}merge_4 ON {schema}"{prefix}merge" (tenant_id, other_number_key, id);

CREATE INDEX ix_{prefix}merge_5 ON {schema}"{prefix}merge" (tenant_id, conversion, id);

CREATE TABLE {schema}"{prefix}merge_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	absorbed_kind TEXT COLLATE "C" NOT NULL,
	absorbed UUID NOT NULL,
	survivor UUID NOT NULL,
	absorbed_number TEXT COLLATE "C" NOT NULL,
	absorbed_number_key TEXT COLLATE "C",
	other_number TEXT COLLATE "C" NOT NULL,
	other_number_key TEXT COLLATE "C",
	absorbed_version BIGINT NOT NULL,
	survivor_version BIGINT NOT NULL,
	moved TEXT COLLATE "C",
	dropped TEXT COLLATE "C",
	adjusted TEXT COLLATE "C",
	chosen TEXT COLLATE "C",
	conversion UUID,
	merged_by TEXT COLLATE "C" NOT NULL,
	merged_at BIGINT,
	undone_by TEXT COLLATE "C" NOT NULL,
	undone_at BIGINT,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}merge_history_1 ON {schema}"{prefix}merge_history" (tenant_id, absorbed, id, until, recorded_at);

CREATE INDEX ix_{prefix}merge_history_2 ON {schema}"{prefix}merge_history" (tenant_id, survivor, id, until, recorded_at);

CREATE INDEX ix_{prefix}merge_history_3 ON {schema}"{prefix}merge_history" (tenant_id, absorbed_number_key, id, until, recorded_at);

CREATE INDEX ix_{prefix}merge_history_4 ON {schema}"{prefix}merge_history" (tenant_id, other_number_key, id, until, recorded_at);

CREATE INDEX ix_{prefix}merge_history_5 ON {schema}"{prefix}merge_history" (tenant_id, conversion, id, until, recorded_at);

CREATE INDEX ix_{prefix}merge_history_6 ON {schema}"{prefix}merge_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}note" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	target UUID NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	author TEXT COLLATE "C" NOT NULL,
	at BIGINT,
	PRIMARY KEY (tenant_id, id)
);

CREATE INDEX ix_{prefix}note_1 ON {schema}"{prefix}note" (tenant_id, target, id);

CREATE TABLE {schema}"{prefix}note_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	target UUID NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	author TEXT COLLATE "C" NOT NULL,
	at BIGINT,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}note_history_1 ON {schema}"{prefix}note_history" (tenant_id, target, id, until, recorded_at);

CREATE INDEX ix_{prefix}note_history_2 ON {schema}"{prefix}note_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}number_counter" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	scope TEXT COLLATE "C" NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, kind, scope)
);

CREATE TABLE {schema}"{prefix}opportunity_competitor_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	opportunity UUID NOT NULL,
	competitor UUID NOT NULL,
	won_by SMALLINT NOT NULL,
	note TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}opportunity_competitor_history_1 ON {schema}"{prefix}opportunity_competitor_history" (tenant_id, competitor, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_competitor_history_2 ON {schema}"{prefix}opportunity_competitor_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_competitor_history_3 ON {schema}"{prefix}opportunity_competitor_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}opportunity_contact_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	opportunity UUID NOT NULL,
	sales_contact UUID NOT NULL,
	role TEXT COLLATE "C" NOT NULL,
	"primary" SMALLINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}opportunity_contact_history_1 ON {schema}"{prefix}opportunity_contact_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_contact_history_2 ON {schema}"{prefix}opportunity_contact_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_contact_history_3 ON {schema}"{prefix}opportunity_contact_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}opportunity_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	account UUID NOT NULL,
	status TEXT COLLATE "C",
	stage TEXT COLLATE "C",
	source TEXT COLLATE "C",
	lead UUID,
	campaign UUID,
	estimated_value BIGINT,
	estimated_value_currency TEXT COLLATE "C",
	probability BIGINT,
	projected_close DATE,
	closed_on DATE,
	salesperson UUID,
	territory UUID,
	won_reason TEXT COLLATE "C",
	lost_reason TEXT COLLATE "C",
	forecast_category TEXT COLLATE "C" NOT NULL,
	next_step TEXT COLLATE "C" NOT NULL,
	follow_up_on DATE,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}opportunity_history_1 ON {schema}"{prefix}opportunity_history" (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_10 ON {schema}"{prefix}opportunity_history" (tenant_id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_2 ON {schema}"{prefix}opportunity_history" (tenant_id, lead, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_3 ON {schema}"{prefix}opportunity_history" (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_4 ON {schema}"{prefix}opportunity_history" (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_5 ON {schema}"{prefix}opportunity_history" (tenant_id, stage, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_6 ON {schema}"{prefix}opportunity_history" (tenant_id, projected_close, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_7 ON {schema}"{prefix}opportunity_history" (tenant_id, estimated_value, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_8 ON {schema}"{prefix}opportunity_history" (tenant_id, follow_up_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_9 ON {schema}"{prefix}opportunity_history" (tenant_id, territory, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE TABLE {schema}"{prefix}opportunity_item_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	opportunity UUID NOT NULL,
	item UUID NOT NULL,
	quantity BIGINT NOT NULL,
	price BIGINT,
	comment TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}opportunity_item_history_1 ON {schema}"{prefix}opportunity_item_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_item_history_2 ON {schema}"{prefix}opportunity_item_history" (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_item_history_3 ON {schema}"{prefix}opportunity_item_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}opportunity_status" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}opportunity_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}opportunity_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_opportunity_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_opportunity_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_opportunity_status_category_1 CHECK ("category" IN ('open', 'won', 'lost'))
);

CREATE TABLE {schema}"{prefix}opportunity_status_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}opportunity_status_history_1 ON {schema}"{prefix}opportunity_status_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}opportunity_task_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	opportunity UUID NOT NULL,
	number BIGINT NOT NULL,
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	type TEXT COLLATE "C",
	status TEXT COLLATE "C",
	owner TEXT COLLATE "C" NOT NULL,
	owner_key TEXT COLLATE "C",
	priority TEXT COLLATE "C",
	due_on DATE,
	required SMALLINT NOT NULL,
	completed_on DATE,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}opportunity_task_history_1 ON {schema}"{prefix}opportunity_task_history" (tenant_id, due_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_task_history_2 ON {schema}"{prefix}opportunity_task_history" (tenant_id, owner_key, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_task_history_3 ON {schema}"{prefix}opportunity_task_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_task_history_4 ON {schema}"{prefix}opportunity_task_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}order_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	currency TEXT COLLATE "C" NOT NULL,
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	customer UUID NOT NULL,
	customer_kind TEXT COLLATE "C" NOT NULL,
	estimate UUID,
	opportunity UUID,
	lead UUID,
	status TEXT COLLATE "C",
	salesperson UUID,
	taken_by TEXT COLLATE "C" NOT NULL,
	purchase_order TEXT COLLATE "C" NOT NULL,
	dated DATE,
	projected_date DATE,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}order_history_1 ON {schema}"{prefix}order_history" (tenant_id, customer, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_history_2 ON {schema}"{prefix}order_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_history_3 ON {schema}"{prefix}order_history" (tenant_id, estimate, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_history_4 ON {schema}"{prefix}order_history" (tenant_id, lead, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_history_5 ON {schema}"{prefix}order_history" (tenant_id, dated, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_history_6 ON {schema}"{prefix}order_history" (tenant_id, salesperson, id, until, recorded_at) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}order_history_7 ON {schema}"{prefix}order_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}order_line_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	position BIGINT NOT NULL,
	item UUID,
	description TEXT COLLATE "C" NOT NULL,
	quantity BIGINT NOT NULL,
	unit_price BIGINT NOT NULL,
	discount BIGINT NOT NULL,
	amount BIGINT,
	amount_currency TEXT COLLATE "C",
	"order" UUID NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}order_line_history_1 ON {schema}"{prefix}order_line_history" (tenant_id, "order", id, until, recorded_at);

CREATE INDEX ix_{prefix}order_line_history_2 ON {schema}"{prefix}order_line_history" (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_line_history_3 ON {schema}"{prefix}order_line_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}order_status" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}order_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}order_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_order_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_order_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_order_status_category_1 CHECK ("category" IN ('open', 'done', 'cancelled'))
);

CREATE TABLE {schema}"{prefix}order_status_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}order_status_history_1 ON {schema}"{prefix}order_status_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}quota_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	owner UUID NOT NULL,
	owner_salesperson UUID,
	owner_sales_team UUID,
	owner_territory UUID,
	period UUID NOT NULL,
	amount BIGINT NOT NULL,
	amount_currency TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}quota_history_1 ON {schema}"{prefix}quota_history" (tenant_id, period, id, until, recorded_at);

CREATE INDEX ix_{prefix}quota_history_2 ON {schema}"{prefix}quota_history" (tenant_id, owner, id, until, recorded_at);

CREATE INDEX ix_{prefix}quota_history_3 ON {schema}"{prefix}quota_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}sales_contact" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	given_name TEXT COLLATE "C" NOT NULL,
	given_name_key TEXT COLLATE "C",
	family_name TEXT COLLATE "C" NOT NULL,
	family_name_key TEXT COLLATE "C",
	company TEXT COLLATE "C" NOT NULL,
	company_key TEXT COLLATE "C",
	job_title TEXT COLLATE "C" NOT NULL,
	addresses TEXT COLLATE "C",
	birthday DATE,
	notes TEXT COLLATE "C" NOT NULL,
	categories TEXT COLLATE "C",
	preferences TEXT COLLATE "C",
	extra TEXT COLLATE "C",
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}sales_contact_number_key UNIQUE (tenant_id, number_key)
);

CREATE TABLE {schema}"{prefix}sales_contact_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	given_name TEXT COLLATE "C" NOT NULL,
	given_name_key TEXT COLLATE "C",
	family_name TEXT COLLATE "C" NOT NULL,
	family_name_key TEXT COLLATE "C",
	company TEXT COLLATE "C" NOT NULL,
	company_key TEXT COLLATE "C",
	job_title TEXT COLLATE "C" NOT NULL,
	addresses TEXT COLLATE "C",
	birthday DATE,
	notes TEXT COLLATE "C" NOT NULL,
	categories TEXT COLLATE "C",
	preferences TEXT COLLATE "C",
	extra TEXT COLLATE "C",
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}sales_contact_history_1 ON {schema}"{prefix}sales_contact_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}sales_forecast_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	owner UUID NOT NULL,
	owner_salesperson UUID,
	owner_sales_team UUID,
	period UUID NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}sales_forecast_history_1 ON {schema}"{prefix}sales_forecast_history" (tenant_id, period, id, until, recorded_at);

CREATE INDEX ix_{prefix}sales_forecast_history_2 ON {schema}"{prefix}sales_forecast_history" (tenant_id, owner, id, until, recorded_at);

CREATE INDEX ix_{prefix}sales_forecast_history_3 ON {schema}"{prefix}sales_forecast_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}sales_period" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	starts_on DATE NOT NULL,
	ends_on DATE NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}sales_period_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT ck_sales_period_kind_1 CHECK ("kind" IN ('month', 'quarter', 'year', 'other'))
);

CREATE INDEX ix_{prefix}sales_period_1 ON {schema}"{prefix}sales_period" (tenant_id, kind, starts_on, id);

CREATE TABLE {schema}"{prefix}sales_period_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	starts_on DATE NOT NULL,
	ends_on DATE NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}sales_period_history_1 ON {schema}"{prefix}sales_period_history" (tenant_id, kind, starts_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}sales_period_history_2 ON {schema}"{prefix}sales_period_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}sales_team_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	leader UUID,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}sales_team_history_1 ON {schema}"{prefix}sales_team_history" (tenant_id, leader, id, until, recorded_at) WHERE leader IS NOT NULL;

CREATE INDEX ix_{prefix}sales_team_history_2 ON {schema}"{prefix}sales_team_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}sales_team_member_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	team UUID NOT NULL,
	salesperson UUID NOT NULL,
	role TEXT COLLATE "C" NOT NULL,
	starts_on DATE,
	ends_on DATE,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}sales_team_member_history_1 ON {schema}"{prefix}sales_team_member_history" (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_{prefix}sales_team_member_history_2 ON {schema}"{prefix}sales_team_member_history" (tenant_id, team, id, until, recorded_at);

CREATE INDEX ix_{prefix}sales_team_member_history_3 ON {schema}"{prefix}sales_team_member_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}salesperson_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	manager UUID,
	territory UUID,
	"user" TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}salesperson_history_1 ON {schema}"{prefix}salesperson_history" (tenant_id, manager, id, until, recorded_at) WHERE manager IS NOT NULL;

CREATE INDEX ix_{prefix}salesperson_history_2 ON {schema}"{prefix}salesperson_history" (tenant_id, territory, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE INDEX ix_{prefix}salesperson_history_3 ON {schema}"{prefix}salesperson_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}ship_to_address_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	customer UUID NOT NULL,
	customer_kind TEXT COLLATE "C" NOT NULL,
	code TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	address TEXT COLLATE "C" NOT NULL,
	phone TEXT COLLATE "C",
	phone_purpose TEXT COLLATE "C",
	phone_key TEXT COLLATE "C",
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}ship_to_address_history_1 ON {schema}"{prefix}ship_to_address_history" (tenant_id, customer, id, until, recorded_at);

CREATE INDEX ix_{prefix}ship_to_address_history_2 ON {schema}"{prefix}ship_to_address_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}source" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}source_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}source_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_source_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_source_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE {schema}"{prefix}source_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}source_history_1 ON {schema}"{prefix}source_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}stage" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	probability BIGINT,
	forecast_category TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}stage_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}stage_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_stage_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_stage_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_stage_probability_1 CHECK ("probability" >= 0),
	CONSTRAINT ck_stage_probability_2 CHECK ("probability" <= 10000),
	CONSTRAINT ck_stage_forecast_category_1 CHECK ("forecast_category" IN ('pipeline', 'best_case', 'commit', 'omitted', ''))
);

CREATE TABLE {schema}"{prefix}stage_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	probability BIGINT,
	forecast_category TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}stage_history_1 ON {schema}"{prefix}stage_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}task_priority" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}task_priority_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}task_priority_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_task_priority_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_task_priority_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE {schema}"{prefix}task_priority_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}task_priority_history_1 ON {schema}"{prefix}task_priority_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}task_status" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}task_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}task_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_task_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_task_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_task_status_category_1 CHECK ("category" IN ('open', 'done'))
);

CREATE TABLE {schema}"{prefix}task_status_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	category TEXT COLLATE "C" NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}task_status_history_1 ON {schema}"{prefix}task_status_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}task_type" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}task_type_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}task_type_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_task_type_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_task_type_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE {schema}"{prefix}task_type_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}task_type_history_1 ON {schema}"{prefix}task_type_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}team_assignment_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	target UUID NOT NULL,
	target_account UUID,
	target_lead UUID,
	target_opportunity UUID,
	holder UUID NOT NULL,
	holder_sales_team UUID,
	holder_salesperson UUID,
	role TEXT COLLATE "C" NOT NULL,
	"primary" SMALLINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}team_assignment_history_1 ON {schema}"{prefix}team_assignment_history" (tenant_id, holder, id, until, recorded_at);

CREATE INDEX ix_{prefix}team_assignment_history_2 ON {schema}"{prefix}team_assignment_history" (tenant_id, target, id, until, recorded_at);

CREATE INDEX ix_{prefix}team_assignment_history_3 ON {schema}"{prefix}team_assignment_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}territory" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	parent UUID,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}territory_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT fk_{prefix}territory_parent FOREIGN KEY(tenant_id, parent) REFERENCES {schema}"{prefix}territory" (tenant_id, id)
);

CREATE INDEX ix_{prefix}territory_1 ON {schema}"{prefix}territory" (tenant_id, parent, id) WHERE parent IS NOT NULL;

CREATE TABLE {schema}"{prefix}territory_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	parent UUID,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}territory_history_1 ON {schema}"{prefix}territory_history" (tenant_id, parent, id, until, recorded_at) WHERE parent IS NOT NULL;

CREATE INDEX ix_{prefix}territory_history_2 ON {schema}"{prefix}territory_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}won_reason" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}won_reason_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}won_reason_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_won_reason_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_won_reason_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE {schema}"{prefix}won_reason_history" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	shown TEXT COLLATE "C" NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	label_key TEXT COLLATE "C",
	position BIGINT NOT NULL,
	active SMALLINT NOT NULL,
	"default" SMALLINT NOT NULL,
	until BIGINT NOT NULL,
	ended_by TEXT COLLATE "C" NOT NULL,
	deleted SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
);

CREATE INDEX ix_{prefix}won_reason_history_1 ON {schema}"{prefix}won_reason_history" (tenant_id, until, recorded_at);

CREATE TABLE {schema}"{prefix}campaign" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	type TEXT COLLATE "C",
	status TEXT COLLATE "C",
	owner TEXT COLLATE "C" NOT NULL,
	starts_on DATE,
	ends_on DATE,
	budget BIGINT,
	budget_currency TEXT COLLATE "C",
	actual_cost BIGINT,
	actual_cost_currency TEXT COLLATE "C",
	audience_size BIGINT,
	expected_responses BIGINT,
	expected_revenue BIGINT,
	expected_revenue_currency TEXT COLLATE "C",
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT fk_{prefix}campaign_type FOREIGN KEY(tenant_id, type) REFERENCES {schema}"{prefix}campaign_type" (tenant_id, code),
	CONSTRAINT fk_{prefix}campaign_status FOREIGN KEY(tenant_id, status) REFERENCES {schema}"{prefix}campaign_status" (tenant_id, code),
	CONSTRAINT ck_campaign_budget_1 CHECK ("budget" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_campaign_budget_2 CHECK ("budget" >= 0),
	CONSTRAINT ck_campaign_actual_cost_1 CHECK ("actual_cost" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_campaign_actual_cost_2 CHECK ("actual_cost" >= 0),
	CONSTRAINT ck_campaign_audience_size_1 CHECK ("audience_size" >= 0),
	CONSTRAINT ck_campaign_audience_size_2 CHECK ("audience_size" <= 1000000000),
	CONSTRAINT ck_campaign_expected_responses_1 CHECK ("expected_responses" >= 0),
	CONSTRAINT ck_campaign_expected_responses_2 CHECK ("expected_responses" <= 1000000000),
	CONSTRAINT ck_campaign_expected_revenue_1 CHECK ("expected_revenue" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_campaign_expected_revenue_2 CHECK ("expected_revenue" >= 0)
);

CREATE INDEX ix_{prefix}campaign_1 ON {schema}"{prefix}campaign" (tenant_id, starts_on, id);

CREATE INDEX ix_{prefix}campaign_2 ON {schema}"{prefix}campaign" (tenant_id, type, id);

CREATE INDEX ix_{prefix}campaign_3 ON {schema}"{prefix}campaign" (tenant_id, status, id);

CREATE TABLE {schema}"{prefix}contact_email" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	sales_contact UUID NOT NULL,
	position BIGINT NOT NULL,
	email TEXT COLLATE "C" NOT NULL,
	email_purpose TEXT COLLATE "C" NOT NULL,
	email_key TEXT COLLATE "C" NOT NULL,
	email_match TEXT COLLATE "C",
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT fk_{prefix}contact_email_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES {schema}"{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT ck_contact_email_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_contact_email_position_2 CHECK ("position" <= 1000000)
);

CREATE INDEX ix_{prefix}contact_email_1 ON {schema}"{prefix}contact_email" (tenant_id, sales_contact, id);

CREATE INDEX ix_{prefix}contact_email_email_match ON {schema}"{prefix}contact_email" (tenant_id, email_match, id) WHERE email_match IS NOT NULL;

CREATE TABLE {schema}"{prefix}contact_phone" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	sales_contact UUID NOT NULL,
	position BIGINT NOT NULL,
	phone TEXT COLLATE "C" NOT NULL,
	phone_purpose TEXT COLLATE "C" NOT NULL,
	phone_key TEXT COLLATE "C" NOT NULL,
	phone_match TEXT COLLATE "C",
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT fk_{prefix}contact_phone_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES {schema}"{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT ck_contact_phone_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_contact_phone_position_2 CHECK ("position" <= 1000000)
);

CREATE INDEX ix_{prefix}contact_phone_1 ON {schema}"{prefix}contact_phone" (tenant_id, sales_contact, id);

CREATE INDEX ix_{prefix}contact_phone_phone_match ON {schema}"{prefix}contact_phone" (tenant_id, phone_match, id) WHERE phone_match IS NOT NULL;

CREATE TABLE {schema}"{prefix}salesperson" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	manager UUID,
	territory UUID,
	"user" TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}salesperson_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}salesperson_manager FOREIGN KEY(tenant_id, manager) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}salesperson_territory FOREIGN KEY(tenant_id, territory) REFERENCES {schema}"{prefix}territory" (tenant_id, id)
);

CREATE INDEX ix_{prefix}salesperson_1 ON {schema}"{prefix}salesperson" (tenant_id, manager, id) WHERE manager IS NOT NULL;

CREATE INDEX ix_{prefix}salesperson_2 ON {schema}"{prefix}salesperson" (tenant_id, territory, id) WHERE territory IS NOT NULL;

CREATE TABLE {schema}"{prefix}account" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	name_match TEXT COLLATE "C",
	legal_name TEXT COLLATE "C" NOT NULL,
	legal_name_key TEXT COLLATE "C",
	legal_name_match TEXT COLLATE "C",
	tax_number TEXT COLLATE "C" NOT NULL,
	tax_number_key TEXT COLLATE "C",
	tax_number_match TEXT COLLATE "C",
	address TEXT COLLATE "C",
	address_city_key TEXT COLLATE "C",
	address_country_key TEXT COLLATE "C",
	phone TEXT COLLATE "C",
	phone_purpose TEXT COLLATE "C",
	phone_key TEXT COLLATE "C",
	phone_match TEXT COLLATE "C",
	email TEXT COLLATE "C",
	email_purpose TEXT COLLATE "C",
	email_key TEXT COLLATE "C",
	email_match TEXT COLLATE "C",
	web TEXT COLLATE "C" NOT NULL,
	web_match TEXT COLLATE "C",
	territory UUID,
	salesperson UUID,
	sic_code TEXT COLLATE "C" NOT NULL,
	sic_code_key TEXT COLLATE "C",
	company_revenue BIGINT,
	company_revenue_currency TEXT COLLATE "C",
	employees BIGINT,
	currency TEXT COLLATE "C" NOT NULL,
	notes TEXT COLLATE "C" NOT NULL,
	prospect_number TEXT COLLATE "C",
	prospect_number_key TEXT COLLATE "C",
	customer_number TEXT COLLATE "C",
	customer_number_key TEXT COLLATE "C",
	credit_hold SMALLINT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}account_kind UNIQUE (tenant_id, id, kind),
	CONSTRAINT ck_account_kind CHECK ("kind" IN ('prospect', 'customer')),
	CONSTRAINT uq_{prefix}account_prospect_number_key UNIQUE (tenant_id, prospect_number_key),
	CONSTRAINT uq_{prefix}account_customer_number_key UNIQUE (tenant_id, customer_number_key),
	CONSTRAINT fk_{prefix}account_territory FOREIGN KEY(tenant_id, territory) REFERENCES {schema}"{prefix}territory" (tenant_id, id),
	CONSTRAINT fk_{prefix}account_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id),
	CONSTRAINT ck_account_company_revenue_1 CHECK ("company_revenue" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_account_company_revenue_2 CHECK ("company_revenue" >= 0),
	CONSTRAINT ck_account_employees_1 CHECK ("employees" >= 0),
	CONSTRAINT ck_account_employees_2 CHECK ("employees" <= 1000000000)
);

CREATE INDEX ix_{prefix}account_1 ON {schema}"{prefix}account" (tenant_id, kind, name_key, id);

CREATE INDEX ix_{prefix}account_2 ON {schema}"{prefix}account" (tenant_id, territory, kind, id) WHERE territory IS NOT NULL;

CREATE INDEX ix_{prefix}account_3 ON {schema}"{prefix}account" (tenant_id, salesperson, kind, id) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}account_4 ON {schema}"{prefix}account" (tenant_id, kind, id);

CREATE INDEX ix_{prefix}account_email_match ON {schema}"{prefix}account" (tenant_id, email_match, id) WHERE email_match IS NOT NULL;

CREATE INDEX ix_{prefix}account_legal_name_match ON {schema}"{prefix}account" (tenant_id, legal_name_match, id) WHERE legal_name_match IS NOT NULL;

CREATE INDEX ix_{prefix}account_name_match ON {schema}"{prefix}account" (tenant_id, name_match, id) WHERE name_match IS NOT NULL;

CREATE INDEX ix_{prefix}account_phone_match ON {schema}"{prefix}account" (tenant_id, phone_match, id) WHERE phone_match IS NOT NULL;

CREATE INDEX ix_{prefix}account_tax_number_match ON {schema}"{prefix}account" (tenant_id, tax_number_match, id) WHERE tax_number_match IS NOT NULL;

CREATE INDEX ix_{prefix}account_web_match ON {schema}"{prefix}account" (tenant_id, web_match, id) WHERE web_match IS NOT NULL;

CREATE TABLE {schema}"{prefix}campaign_item" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	campaign UUID NOT NULL,
	item UUID NOT NULL,
	note TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_item_campaign_item UNIQUE (tenant_id, campaign, item),
	CONSTRAINT fk_{prefix}campaign_item_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES {schema}"{prefix}campaign" (tenant_id, id),
	CONSTRAINT fk_{prefix}campaign_item_item FOREIGN KEY(tenant_id, item) REFERENCES {schema}"{prefix}item" (tenant_id, id)
);

CREATE INDEX ix_{prefix}campaign_item_1 ON {schema}"{prefix}campaign_item" (tenant_id, item, id);

CREATE TABLE {schema}"{prefix}contact_salesperson" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	sales_contact UUID NOT NULL,
	salesperson UUID NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}contact_salesperson_sales_contact_salesperson UNIQUE (tenant_id, sales_contact, salesperson),
	CONSTRAINT fk_{prefix}contact_salesperson_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES {schema}"{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT fk_{prefix}contact_salesperson_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id)
);

CREATE INDEX ix_{prefix}contact_salesperson_1 ON {schema}"{prefix}contact_salesperson" (tenant_id, salesperson, id);

CREATE TABLE {schema}"{prefix}sales_team" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	code TEXT COLLATE "C" NOT NULL,
	code_key TEXT COLLATE "C",
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	leader UUID,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}sales_team_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT fk_{prefix}sales_team_leader FOREIGN KEY(tenant_id, leader) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id)
);

CREATE INDEX ix_{prefix}sales_team_1 ON {schema}"{prefix}sales_team" (tenant_id, leader, id) WHERE leader IS NOT NULL;

CREATE TABLE {schema}"{prefix}contact_account" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	sales_contact UUID NOT NULL,
	account UUID NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}contact_account_sales_contact_account UNIQUE (tenant_id, sales_contact, account),
	CONSTRAINT fk_{prefix}contact_account_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES {schema}"{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT fk_{prefix}contact_account_account FOREIGN KEY(tenant_id, account) REFERENCES {schema}"{prefix}account" (tenant_id, id)
);

CREATE INDEX ix_{prefix}contact_account_1 ON {schema}"{prefix}contact_account" (tenant_id, account, id);

CREATE TABLE {schema}"{prefix}lead" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	account UUID NOT NULL,
	status TEXT COLLATE "C",
	source TEXT COLLATE "C",
	quality TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	sales_contact UUID,
	salesperson UUID,
	territory UUID,
	campaign UUID,
	received_on DATE,
	next_step TEXT COLLATE "C" NOT NULL,
	follow_up_on DATE,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}lead_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}lead_account FOREIGN KEY(tenant_id, account) REFERENCES {schema}"{prefix}account" (tenant_id, id),
	CONSTRAINT fk_{prefix}lead_status FOREIGN KEY(tenant_id, status) REFERENCES {schema}"{prefix}lead_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}lead_source FOREIGN KEY(tenant_id, source) REFERENCES {schema}"{prefix}source" (tenant_id, code),
	CONSTRAINT fk_{prefix}lead_quality FOREIGN KEY(tenant_id, quality) REFERENCES {schema}"{prefix}lead_quality" (tenant_id, code),
	CONSTRAINT fk_{prefix}lead_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES {schema}"{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT fk_{prefix}lead_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}lead_territory FOREIGN KEY(tenant_id, territory) REFERENCES {schema}"{prefix}territory" (tenant_id, id),
	CONSTRAINT fk_{prefix}lead_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES {schema}"{prefix}campaign" (tenant_id, id)
);

CREATE INDEX ix_{prefix}lead_1 ON {schema}"{prefix}lead" (tenant_id, account, id);

CREATE INDEX ix_{prefix}lead_2 ON {schema}"{prefix}lead" (tenant_id, campaign, id);

CREATE INDEX ix_{prefix}lead_3 ON {schema}"{prefix}lead" (tenant_id, salesperson, id);

CREATE INDEX ix_{prefix}lead_4 ON {schema}"{prefix}lead" (tenant_id, follow_up_on, id);

CREATE INDEX ix_{prefix}lead_5 ON {schema}"{prefix}lead" (tenant_id, status, id);

CREATE INDEX ix_{prefix}lead_6 ON {schema}"{prefix}lead" (tenant_id, source, id);

CREATE INDEX ix_{prefix}lead_7 ON {schema}"{prefix}lead" (tenant_id, quality, id);

CREATE INDEX ix_{prefix}lead_8 ON {schema}"{prefix}lead" (tenant_id, sales_contact, id) WHERE sales_contact IS NOT NULL;

CREATE INDEX ix_{prefix}lead_9 ON {schema}"{prefix}lead" (tenant_id, territory, id) WHERE territory IS NOT NULL;

CREATE TABLE {schema}"{prefix}quota" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	owner UUID NOT NULL,
	owner_salesperson UUID,
	owner_sales_team UUID,
	owner_territory UUID,
	period UUID NOT NULL,
	amount BIGINT NOT NULL,
	amount_currency TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}quota_owner_period UNIQUE (tenant_id, owner, period),
	CONSTRAINT fk_{prefix}quota_owner_salesperson FOREIGN KEY(tenant_id, owner_salesperson) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}quota_owner_sales_team FOREIGN KEY(tenant_id, owner_sales_team) REFERENCES {schema}"{prefix}sales_team" (tenant_id, id),
	CONSTRAINT fk_{prefix}quota_owner_territory FOREIGN KEY(tenant_id, owner_territory) REFERENCES {schema}"{prefix}territory" (tenant_id, id),
	CONSTRAINT ck_quota_owner_is_there CHECK ("owner" IS NOT DISTINCT FROM COALESCE("owner_salesperson", "owner_sales_team", "owner_territory")),
	CONSTRAINT fk_{prefix}quota_period FOREIGN KEY(tenant_id, period) REFERENCES {schema}"{prefix}sales_period" (tenant_id, id),
	CONSTRAINT ck_quota_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_quota_amount_2 CHECK ("amount" >= 0)
);

CREATE INDEX ix_{prefix}quota_1 ON {schema}"{prefix}quota" (tenant_id, period, id);

CREATE INDEX ix_{prefix}quota_owner_sales_team ON {schema}"{prefix}quota" (tenant_id, owner_sales_team) WHERE owner_sales_team IS NOT NULL;

CREATE INDEX ix_{prefix}quota_owner_salesperson ON {schema}"{prefix}quota" (tenant_id, owner_salesperson) WHERE owner_salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}quota_owner_territory ON {schema}"{prefix}quota" (tenant_id, owner_territory) WHERE owner_territory IS NOT NULL;

CREATE TABLE {schema}"{prefix}sales_forecast" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	owner UUID NOT NULL,
	owner_salesperson UUID,
	owner_sales_team UUID,
	period UUID NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}sales_forecast_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}sales_forecast_owner_salesperson FOREIGN KEY(tenant_id, owner_salesperson) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}sales_forecast_owner_sales_team FOREIGN KEY(tenant_id, owner_sales_team) REFERENCES {schema}"{prefix}sales_team" (tenant_id, id),
	CONSTRAINT ck_sales_forecast_owner_is_there CHECK ("owner" IS NOT DISTINCT FROM COALESCE("owner_salesperson", "owner_sales_team")),
	CONSTRAINT fk_{prefix}sales_forecast_period FOREIGN KEY(tenant_id, period) REFERENCES {schema}"{prefix}sales_period" (tenant_id, id),
	CONSTRAINT ck_sales_forecast_status_1 CHECK ("status" IN ('draft', 'submitted', 'approved', ''))
);

CREATE INDEX ix_{prefix}sales_forecast_1 ON {schema}"{prefix}sales_forecast" (tenant_id, period, id);

CREATE INDEX ix_{prefix}sales_forecast_2 ON {schema}"{prefix}sales_forecast" (tenant_id, owner, id);

CREATE INDEX ix_{prefix}sales_forecast_owner_sales_team ON {schema}"{prefix}sales_forecast" (tenant_id, owner_sales_team) WHERE owner_sales_team IS NOT NULL;

CREATE INDEX ix_{prefix}sales_forecast_owner_salesperson ON {schema}"{prefix}sales_forecast" (tenant_id, owner_salesperson) WHERE owner_salesperson IS NOT NULL;

CREATE TABLE {schema}"{prefix}sales_team_member" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	team UUID NOT NULL,
	salesperson UUID NOT NULL,
	role TEXT COLLATE "C" NOT NULL,
	starts_on DATE,
	ends_on DATE,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}sales_team_member_team_salesperson_role UNIQUE (tenant_id, team, salesperson, role),
	CONSTRAINT fk_{prefix}sales_team_member_team FOREIGN KEY(tenant_id, team) REFERENCES {schema}"{prefix}sales_team" (tenant_id, id),
	CONSTRAINT fk_{prefix}sales_team_member_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id)
);

CREATE INDEX ix_{prefix}sales_team_member_1 ON {schema}"{prefix}sales_team_member" (tenant_id, salesperson, id);

CREATE TABLE {schema}"{prefix}ship_to_address" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	customer UUID NOT NULL,
	customer_kind TEXT COLLATE "C" NOT NULL,
	code TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C",
	address TEXT COLLATE "C" NOT NULL,
	phone TEXT COLLATE "C",
	phone_purpose TEXT COLLATE "C",
	phone_key TEXT COLLATE "C",
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}ship_to_address_customer_code UNIQUE (tenant_id, customer, code),
	CONSTRAINT fk_{prefix}ship_to_address_customer FOREIGN KEY(tenant_id, customer, customer_kind) REFERENCES {schema}"{prefix}account" (tenant_id, id, kind),
	CONSTRAINT ck_ship_to_address_customer_kind CHECK ("customer_kind" = 'customer')
);

CREATE TABLE {schema}"{prefix}campaign_member" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	campaign UUID NOT NULL,
	member UUID NOT NULL,
	member_sales_contact UUID,
	member_lead UUID,
	status TEXT COLLATE "C",
	responded_on DATE,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_member_campaign_member UNIQUE (tenant_id, campaign, member),
	CONSTRAINT fk_{prefix}campaign_member_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES {schema}"{prefix}campaign" (tenant_id, id),
	CONSTRAINT fk_{prefix}campaign_member_member_sales_contact FOREIGN KEY(tenant_id, member_sales_contact) REFERENCES {schema}"{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT fk_{prefix}campaign_member_member_lead FOREIGN KEY(tenant_id, member_lead) REFERENCES {schema}"{prefix}lead" (tenant_id, id),
	CONSTRAINT ck_campaign_member_member_is_there CHECK ("member" IS NOT DISTINCT FROM COALESCE("member_sales_contact", "member_lead")),
	CONSTRAINT fk_{prefix}campaign_member_status FOREIGN KEY(tenant_id, status) REFERENCES {schema}"{prefix}campaign_member_status" (tenant_id, code)
);

CREATE INDEX ix_{prefix}campaign_member_1 ON {schema}"{prefix}campaign_member" (tenant_id, member, id);

CREATE INDEX ix_{prefix}campaign_member_2 ON {schema}"{prefix}campaign_member" (tenant_id, status, id);

CREATE INDEX ix_{prefix}campaign_member_member_lead ON {schema}"{prefix}campaign_member" (tenant_id, member_lead) WHERE member_lead IS NOT NULL;

CREATE INDEX ix_{prefix}campaign_member_member_sales_contact ON {schema}"{prefix}campaign_member" (tenant_id, member_sales_contact) WHERE member_sales_contact IS NOT NULL;

CREATE TABLE {schema}"{prefix}forecast_adjustment" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	forecast UUID NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	at BIGINT,
	amount BIGINT,
	amount_currency TEXT COLLATE "C",
	difference BIGINT,
	difference_currency TEXT COLLATE "C",
	note TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT fk_{prefix}forecast_adjustment_forecast FOREIGN KEY(tenant_id, forecast) REFERENCES {schema}"{prefix}sales_forecast" (tenant_id, id),
	CONSTRAINT ck_forecast_adjustment_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_forecast_adjustment_difference_1 CHECK ("difference" BETWEEN -900000000000000 AND 900000000000000)
);

CREATE INDEX ix_{prefix}forecast_adjustment_1 ON {schema}"{prefix}forecast_adjustment" (tenant_id, forecast, id);

CREATE TABLE {schema}"{prefix}opportunity" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	account UUID NOT NULL,
	status TEXT COLLATE "C",
	stage TEXT COLLATE "C",
	source TEXT COLLATE "C",
	lead UUID,
	campaign UUID,
	estimated_value BIGINT,
	estimated_value_currency TEXT COLLATE "C",
	probability BIGINT,
	projected_close DATE,
	closed_on DATE,
	salesperson UUID,
	territory UUID,
	won_reason TEXT COLLATE "C",
	lost_reason TEXT COLLATE "C",
	forecast_category TEXT COLLATE "C" NOT NULL,
	next_step TEXT COLLATE "C" NOT NULL,
	follow_up_on DATE,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}opportunity_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}opportunity_account FOREIGN KEY(tenant_id, account) REFERENCES {schema}"{prefix}account" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_status FOREIGN KEY(tenant_id, status) REFERENCES {schema}"{prefix}opportunity_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_stage FOREIGN KEY(tenant_id, stage) REFERENCES {schema}"{prefix}stage" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_source FOREIGN KEY(tenant_id, source) REFERENCES {schema}"{prefix}source" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_lead FOREIGN KEY(tenant_id, lead) REFERENCES {schema}"{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES {schema}"{prefix}campaign" (tenant_id, id),
	CONSTRAINT ck_opportunity_estimated_value_1 CHECK ("estimated_value" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_opportunity_estimated_value_2 CHECK ("estimated_value" >= 0),
	CONSTRAINT ck_opportunity_probability_1 CHECK ("probability" >= 0),
	CONSTRAINT ck_opportunity_probability_2 CHECK ("probability" <= 10000),
	CONSTRAINT fk_{prefix}opportunity_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_territory FOREIGN KEY(tenant_id, territory) REFERENCES {schema}"{prefix}territory" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_won_reason FOREIGN KEY(tenant_id, won_reason) REFERENCES {schema}"{prefix}won_reason" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_lost_reason FOREIGN KEY(tenant_id, lost_reason) REFERENCES {schema}"{prefix}lost_reason" (tenant_id, code),
	CONSTRAINT ck_opportunity_forecast_category_1 CHECK ("forecast_category" IN ('pipeline', 'best_case', 'commit', 'omitted', ''))
);

CREATE INDEX ix_{prefix}opportunity_1 ON {schema}"{prefix}opportunity" (tenant_id, account, id);

CREATE INDEX ix_{prefix}opportunity_10 ON {schema}"{prefix}opportunity" (tenant_id, source, id);

CREATE INDEX ix_{prefix}opportunity_11 ON {schema}"{prefix}opportunity" (tenant_id, territory, id) WHERE territory IS NOT NULL;

CREATE INDEX ix_{prefix}opportunity_12 ON {schema}"{prefix}opportunity" (tenant_id, won_reason, id);

CREATE INDEX ix_{prefix}opportunity_13 ON {schema}"{prefix}opportunity" (tenant_id, lost_reason, id);

CREATE INDEX ix_{prefix}opportunity_2 ON {schema}"{prefix}opportunity" (tenant_id, lead, id);

CREATE INDEX ix_{prefix}opportunity_3 ON {schema}"{prefix}opportunity" (tenant_id, campaign, id);

CREATE INDEX ix_{prefix}opportunity_4 ON {schema}"{prefix}opportunity" (tenant_id, salesperson, id);

CREATE INDEX ix_{prefix}opportunity_5 ON {schema}"{prefix}opportunity" (tenant_id, stage, id);

CREATE INDEX ix_{prefix}opportunity_6 ON {schema}"{prefix}opportunity" (tenant_id, projected_close, id);

CREATE INDEX ix_{prefix}opportunity_7 ON {schema}"{prefix}opportunity" (tenant_id, estimated_value, id);

CREATE INDEX ix_{prefix}opportunity_8 ON {schema}"{prefix}opportunity" (tenant_id, follow_up_on, id);

CREATE INDEX ix_{prefix}opportunity_9 ON {schema}"{prefix}opportunity" (tenant_id, status, id);

CREATE INDEX ix_{prefix}opportunity_counted ON {schema}"{prefix}opportunity" (tenant_id, closed_on, projected_close, salesperson, status, stage, forecast_category, probability, estimated_value, estimated_value_currency, recorded_at, id);

CREATE TABLE {schema}"{prefix}estimate" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	currency TEXT COLLATE "C" NOT NULL,
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	account UUID NOT NULL,
	lead UUID,
	opportunity UUID,
	status TEXT COLLATE "C",
	salesperson UUID,
	taken_by TEXT COLLATE "C" NOT NULL,
	dated DATE,
	projected_date DATE,
	valid_until DATE,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}estimate_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}estimate_account FOREIGN KEY(tenant_id, account) REFERENCES {schema}"{prefix}account" (tenant_id, id),
	CONSTRAINT fk_{prefix}estimate_lead FOREIGN KEY(tenant_id, lead) REFERENCES {schema}"{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}estimate_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES {schema}"{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}estimate_status FOREIGN KEY(tenant_id, status) REFERENCES {schema}"{prefix}estimate_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}estimate_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id)
);

CREATE INDEX ix_{prefix}estimate_1 ON {schema}"{prefix}estimate" (tenant_id, account, id);

CREATE INDEX ix_{prefix}estimate_2 ON {schema}"{prefix}estimate" (tenant_id, opportunity, id);

CREATE INDEX ix_{prefix}estimate_3 ON {schema}"{prefix}estimate" (tenant_id, lead, id);

CREATE INDEX ix_{prefix}estimate_4 ON {schema}"{prefix}estimate" (tenant_id, dated, id);

CREATE INDEX ix_{prefix}estimate_5 ON {schema}"{prefix}estimate" (tenant_id, status, id);

CREATE INDEX ix_{prefix}estimate_6 ON {schema}"{prefix}estimate" (tenant_id, salesperson, id) WHERE salesperson IS NOT NULL;

CREATE TABLE {schema}"{prefix}forecast_line" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	forecast UUID NOT NULL,
	opportunity UUID NOT NULL,
	override BIGINT,
	override_currency TEXT COLLATE "C",
	note TEXT COLLATE "C" NOT NULL,
	value BIGINT,
	value_currency TEXT COLLATE "C",
	probability BIGINT,
	close_date DATE,
	status TEXT COLLATE "C",
	stage TEXT COLLATE "C",
	category TEXT COLLATE "C" NOT NULL,
	account UUID,
	rate BIGINT,
	override_rate BIGINT,
	own SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}forecast_line_forecast_opportunity UNIQUE (tenant_id, forecast, opportunity),
	CONSTRAINT fk_{prefix}forecast_line_forecast FOREIGN KEY(tenant_id, forecast) REFERENCES {schema}"{prefix}sales_forecast" (tenant_id, id),
	CONSTRAINT fk_{prefix}forecast_line_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES {schema}"{prefix}opportunity" (tenant_id, id),
	CONSTRAINT ck_forecast_line_override_1 CHECK ("override" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_forecast_line_override_2 CHECK ("override" >= 0),
	CONSTRAINT ck_forecast_line_value_1 CHECK ("value" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_forecast_line_value_2 CHECK ("value" >= 0),
	CONSTRAINT ck_forecast_line_probability_1 CHECK ("probability" >= 0),
	CONSTRAINT ck_forecast_line_probability_2 CHECK ("probability" <= 10000),
	CONSTRAINT fk_{prefix}forecast_line_status FOREIGN KEY(tenant_id, status) REFERENCES {schema}"{prefix}opportunity_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}forecast_line_stage FOREIGN KEY(tenant_id, stage) REFERENCES {schema}"{prefix}stage" (tenant_id, code),
	CONSTRAINT ck_forecast_line_category_1 CHECK ("category" IN ('pipeline', 'best_case', 'commit', 'omitted', '')),
	CONSTRAINT fk_{prefix}forecast_line_account FOREIGN KEY(tenant_id, account) REFERENCES {schema}"{prefix}account" (tenant_id, id)
);

CREATE INDEX ix_{prefix}forecast_line_1 ON {schema}"{prefix}forecast_line" (tenant_id, opportunity, id);

CREATE INDEX ix_{prefix}forecast_line_2 ON {schema}"{prefix}forecast_line" (tenant_id, status, id);

CREATE INDEX ix_{prefix}forecast_line_3 ON {schema}"{prefix}forecast_line" (tenant_id, stage, id);

CREATE INDEX ix_{prefix}forecast_line_4 ON {schema}"{prefix}forecast_line" (tenant_id, account, id) WHERE account IS NOT NULL;

CREATE TABLE {schema}"{prefix}opportunity_competitor" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	opportunity UUID NOT NULL,
	competitor UUID NOT NULL,
	won_by SMALLINT NOT NULL,
	note TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}opportunity_competitor_opportunity_competitor UNIQUE (tenant_id, opportunity, competitor),
	CONSTRAINT fk_{prefix}opportunity_competitor_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES {schema}"{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_competitor_competitor FOREIGN KEY(tenant_id, competitor) REFERENCES {schema}"{prefix}competitor" (tenant_id, id)
);

CREATE INDEX ix_{prefix}opportunity_competitor_1 ON {schema}"{prefix}opportunity_competitor" (tenant_id, competitor, id);

CREATE TABLE {schema}"{prefix}opportunity_contact" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	opportunity UUID NOT NULL,
	sales_contact UUID NOT NULL,
	role TEXT COLLATE "C" NOT NULL,
	"primary" SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}opportunity_contact_opportunity_sales_contact_role UNIQUE (tenant_id, opportunity, sales_contact, role),
	CONSTRAINT fk_{prefix}opportunity_contact_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES {schema}"{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_contact_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES {schema}"{prefix}sales_contact" (tenant_id, id)
);

CREATE INDEX ix_{prefix}opportunity_contact_1 ON {schema}"{prefix}opportunity_contact" (tenant_id, sales_contact, id);

CREATE TABLE {schema}"{prefix}opportunity_item" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	opportunity UUID NOT NULL,
	item UUID NOT NULL,
	quantity BIGINT NOT NULL,
	price BIGINT,
	comment TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_item_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES {schema}"{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_item_item FOREIGN KEY(tenant_id, item) REFERENCES {schema}"{prefix}item" (tenant_id, id),
	CONSTRAINT ck_opportunity_item_price_1 CHECK ("price" >= 0)
);

CREATE INDEX ix_{prefix}opportunity_item_1 ON {schema}"{prefix}opportunity_item" (tenant_id, opportunity, id);

CREATE INDEX ix_{prefix}opportunity_item_2 ON {schema}"{prefix}opportunity_item" (tenant_id, item, id);

CREATE TABLE {schema}"{prefix}opportunity_task" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	opportunity UUID NOT NULL,
	number BIGINT NOT NULL,
	description TEXT COLLATE "C" NOT NULL,
	description_key TEXT COLLATE "C",
	type TEXT COLLATE "C",
	status TEXT COLLATE "C",
	owner TEXT COLLATE "C" NOT NULL,
	owner_key TEXT COLLATE "C",
	priority TEXT COLLATE "C",
	due_on DATE,
	required SMALLINT NOT NULL,
	completed_on DATE,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}opportunity_task_opportunity_number UNIQUE (tenant_id, opportunity, number),
	CONSTRAINT fk_{prefix}opportunity_task_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES {schema}"{prefix}opportunity" (tenant_id, id),
	CONSTRAINT ck_opportunity_task_number_1 CHECK ("number" >= 0),
	CONSTRAINT fk_{prefix}opportunity_task_type FOREIGN KEY(tenant_id, type) REFERENCES {schema}"{prefix}task_type" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_task_status FOREIGN KEY(tenant_id, status) REFERENCES {schema}"{prefix}task_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_task_priority FOREIGN KEY(tenant_id, priority) REFERENCES {schema}"{prefix}task_priority" (tenant_id, code)
);

CREATE INDEX ix_{prefix}opportunity_task_1 ON {schema}"{prefix}opportunity_task" (tenant_id, due_on, id);

CREATE INDEX ix_{prefix}opportunity_task_2 ON {schema}"{prefix}opportunity_task" (tenant_id, owner_key, id);

CREATE INDEX ix_{prefix}opportunity_task_3 ON {schema}"{prefix}opportunity_task" (tenant_id, type, id);

CREATE INDEX ix_{prefix}opportunity_task_4 ON {schema}"{prefix}opportunity_task" (tenant_id, status, id);

CREATE INDEX ix_{prefix}opportunity_task_5 ON {schema}"{prefix}opportunity_task" (tenant_id, priority, id);

CREATE TABLE {schema}"{prefix}team_assignment" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	target UUID NOT NULL,
	target_account UUID,
	target_lead UUID,
	target_opportunity UUID,
	holder UUID NOT NULL,
	holder_sales_team UUID,
	holder_salesperson UUID,
	role TEXT COLLATE "C" NOT NULL,
	"primary" SMALLINT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}team_assignment_target_holder_role UNIQUE (tenant_id, target, holder, role),
	CONSTRAINT fk_{prefix}team_assignment_target_account FOREIGN KEY(tenant_id, target_account) REFERENCES {schema}"{prefix}account" (tenant_id, id),
	CONSTRAINT fk_{prefix}team_assignment_target_lead FOREIGN KEY(tenant_id, target_lead) REFERENCES {schema}"{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}team_assignment_target_opportunity FOREIGN KEY(tenant_id, target_opportunity) REFERENCES {schema}"{prefix}opportunity" (tenant_id, id),
	CONSTRAINT ck_team_assignment_target_is_there CHECK ("target" IS NOT DISTINCT FROM COALESCE("target_account", "target_lead", "target_opportunity")),
	CONSTRAINT fk_{prefix}team_assignment_holder_sales_team FOREIGN KEY(tenant_id, holder_sales_team) REFERENCES {schema}"{prefix}sales_team" (tenant_id, id),
	CONSTRAINT fk_{prefix}team_assignment_holder_salesperson FOREIGN KEY(tenant_id, holder_salesperson) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id),
	CONSTRAINT ck_team_assignment_holder_is_there CHECK ("holder" IS NOT DISTINCT FROM COALESCE("holder_sales_team", "holder_salesperson"))
);

CREATE INDEX ix_{prefix}team_assignment_1 ON {schema}"{prefix}team_assignment" (tenant_id, holder, id);

CREATE INDEX ix_{prefix}team_assignment_holder_sales_team ON {schema}"{prefix}team_assignment" (tenant_id, holder_sales_team) WHERE holder_sales_team IS NOT NULL;

CREATE INDEX ix_{prefix}team_assignment_holder_salesperson ON {schema}"{prefix}team_assignment" (tenant_id, holder_salesperson) WHERE holder_salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}team_assignment_target_account ON {schema}"{prefix}team_assignment" (tenant_id, target_account) WHERE target_account IS NOT NULL;

CREATE INDEX ix_{prefix}team_assignment_target_lead ON {schema}"{prefix}team_assignment" (tenant_id, target_lead) WHERE target_lead IS NOT NULL;

CREATE INDEX ix_{prefix}team_assignment_target_opportunity ON {schema}"{prefix}team_assignment" (tenant_id, target_opportunity) WHERE target_opportunity IS NOT NULL;

CREATE TABLE {schema}"{prefix}estimate_line" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	position BIGINT NOT NULL,
	item UUID,
	description TEXT COLLATE "C" NOT NULL,
	quantity BIGINT NOT NULL,
	unit_price BIGINT NOT NULL,
	discount BIGINT NOT NULL,
	amount BIGINT,
	amount_currency TEXT COLLATE "C",
	estimate UUID NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT ck_estimate_line_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_estimate_line_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT fk_{prefix}estimate_line_item FOREIGN KEY(tenant_id, item) REFERENCES {schema}"{prefix}item" (tenant_id, id),
	CONSTRAINT ck_estimate_line_unit_price_1 CHECK ("unit_price" >= 0),
	CONSTRAINT ck_estimate_line_discount_1 CHECK ("discount" >= 0),
	CONSTRAINT ck_estimate_line_discount_2 CHECK ("discount" <= 10000),
	CONSTRAINT ck_estimate_line_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT fk_{prefix}estimate_line_estimate FOREIGN KEY(tenant_id, estimate) REFERENCES {schema}"{prefix}estimate" (tenant_id, id)
);

CREATE INDEX ix_{prefix}estimate_line_1 ON {schema}"{prefix}estimate_line" (tenant_id, estimate, id);

CREATE INDEX ix_{prefix}estimate_line_2 ON {schema}"{prefix}estimate_line" (tenant_id, item, id);

CREATE TABLE {schema}"{prefix}order" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	currency TEXT COLLATE "C" NOT NULL,
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	customer UUID NOT NULL,
	customer_kind TEXT COLLATE "C" NOT NULL,
	estimate UUID,
	opportunity UUID,
	lead UUID,
	status TEXT COLLATE "C",
	salesperson UUID,
	taken_by TEXT COLLATE "C" NOT NULL,
	purchase_order TEXT COLLATE "C" NOT NULL,
	dated DATE,
	projected_date DATE,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}order_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}order_customer FOREIGN KEY(tenant_id, customer, customer_kind) REFERENCES {schema}"{prefix}account" (tenant_id, id, kind),
	CONSTRAINT ck_order_customer_kind CHECK ("customer_kind" = 'customer'),
	CONSTRAINT fk_{prefix}order_estimate FOREIGN KEY(tenant_id, estimate) REFERENCES {schema}"{prefix}estimate" (tenant_id, id),
	CONSTRAINT fk_{prefix}order_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES {schema}"{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}order_lead FOREIGN KEY(tenant_id, lead) REFERENCES {schema}"{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}order_status FOREIGN KEY(tenant_id, status) REFERENCES {schema}"{prefix}order_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}order_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id)
);

CREATE INDEX ix_{prefix}order_1 ON {schema}"{prefix}order" (tenant_id, customer, id);

CREATE INDEX ix_{prefix}order_2 ON {schema}"{prefix}order" (tenant_id, opportunity, id);

CREATE INDEX ix_{prefix}order_3 ON {schema}"{prefix}order" (tenant_id, estimate, id);

CREATE INDEX ix_{prefix}order_4 ON {schema}"{prefix}order" (tenant_id, lead, id);

CREATE INDEX ix_{prefix}order_5 ON {schema}"{prefix}order" (tenant_id, dated, id);

CREATE INDEX ix_{prefix}order_6 ON {schema}"{prefix}order" (tenant_id, status, id);

CREATE INDEX ix_{prefix}order_7 ON {schema}"{prefix}order" (tenant_id, salesperson, id) WHERE salesperson IS NOT NULL;

CREATE TABLE {schema}"{prefix}interaction" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	number TEXT COLLATE "C" NOT NULL,
	number_key TEXT COLLATE "C",
	subject UUID NOT NULL,
	subject_account UUID,
	subject_sales_contact UUID,
	topic TEXT COLLATE "C",
	description TEXT COLLATE "C" NOT NULL,
	happened_at BIGINT,
	follow_up_on DATE,
	follow_up_done SMALLINT NOT NULL,
	contact_name TEXT COLLATE "C" NOT NULL,
	contact_name_key TEXT COLLATE "C",
	contact_phone TEXT COLLATE "C",
	contact_phone_purpose TEXT COLLATE "C",
	contact_phone_key TEXT COLLATE "C",
	sales_contact UUID,
	salesperson UUID,
	reference UUID,
	reference_lead UUID,
	reference_opportunity UUID,
	reference_estimate UUID,
	reference_order UUID,
	reference_item UUID,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}interaction_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}interaction_subject_account FOREIGN KEY(tenant_id, subject_account) REFERENCES {schema}"{prefix}account" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_subject_sales_contact FOREIGN KEY(tenant_id, subject_sales_contact) REFERENCES {schema}"{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT ck_interaction_subject_is_there CHECK ("subject" IS NOT DISTINCT FROM COALESCE("subject_account", "subject_sales_contact")),
	CONSTRAINT fk_{prefix}interaction_topic FOREIGN KEY(tenant_id, topic) REFERENCES {schema}"{prefix}interaction_topic" (tenant_id, code),
	CONSTRAINT fk_{prefix}interaction_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES {schema}"{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES {schema}"{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_reference_lead FOREIGN KEY(tenant_id, reference_lead) REFERENCES {schema}"{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_reference_opportunity FOREIGN KEY(tenant_id, reference_opportunity) REFERENCES {schema}"{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_reference_estimate FOREIGN KEY(tenant_id, reference_estimate) REFERENCES {schema}"{prefix}estimate" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_reference_order FOREIGN KEY(tenant_id, reference_order) REFERENCES {schema}"{prefix}order" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_reference_item FOREIGN KEY(tenant_id, reference_item) REFERENCES {schema}"{prefix}item" (tenant_id, id),
	CONSTRAINT ck_interaction_reference_is_there CHECK ("reference" IS NOT DISTINCT FROM COALESCE("reference_lead", "reference_opportunity", "reference_estimate", "reference_order", "reference_item"))
);

CREATE INDEX ix_{prefix}interaction_1 ON {schema}"{prefix}interaction" (tenant_id, subject, id);

CREATE INDEX ix_{prefix}interaction_2 ON {schema}"{prefix}interaction" (tenant_id, sales_contact, id);

CREATE INDEX ix_{prefix}interaction_3 ON {schema}"{prefix}interaction" (tenant_id, salesperson, id);

CREATE INDEX ix_{prefix}interaction_4 ON {schema}"{prefix}interaction" (tenant_id, happened_at, id);

CREATE INDEX ix_{prefix}interaction_5 ON {schema}"{prefix}interaction" (tenant_id, follow_up_on, id);

CREATE INDEX ix_{prefix}interaction_6 ON {schema}"{prefix}interaction" (tenant_id, topic, id);

CREATE INDEX ix_{prefix}interaction_7 ON {schema}"{prefix}interaction" (tenant_id, reference, id) WHERE reference IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_reference_estimate ON {schema}"{prefix}interaction" (tenant_id, reference_estimate) WHERE reference_estimate IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_reference_item ON {schema}"{prefix}interaction" (tenant_id, reference_item) WHERE reference_item IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_reference_lead ON {schema}"{prefix}interaction" (tenant_id, reference_lead) WHERE reference_lead IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_reference_opportunity ON {schema}"{prefix}interaction" (tenant_id, reference_opportunity) WHERE reference_opportunity IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_reference_order ON {schema}"{prefix}interaction" (tenant_id, reference_order) WHERE reference_order IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_subject_account ON {schema}"{prefix}interaction" (tenant_id, subject_account) WHERE subject_account IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_subject_sales_contact ON {schema}"{prefix}interaction" (tenant_id, subject_sales_contact) WHERE subject_sales_contact IS NOT NULL;

CREATE TABLE {schema}"{prefix}order_line" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	position BIGINT NOT NULL,
	item UUID,
	description TEXT COLLATE "C" NOT NULL,
	quantity BIGINT NOT NULL,
	unit_price BIGINT NOT NULL,
	discount BIGINT NOT NULL,
	amount BIGINT,
	amount_currency TEXT COLLATE "C",
	"order" UUID NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT ck_order_line_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_order_line_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT fk_{prefix}order_line_item FOREIGN KEY(tenant_id, item) REFERENCES {schema}"{prefix}item" (tenant_id, id),
	CONSTRAINT ck_order_line_unit_price_1 CHECK ("unit_price" >= 0),
	CONSTRAINT ck_order_line_discount_1 CHECK ("discount" >= 0),
	CONSTRAINT ck_order_line_discount_2 CHECK ("discount" <= 10000),
	CONSTRAINT ck_order_line_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT fk_{prefix}order_line_order FOREIGN KEY(tenant_id, "order") REFERENCES {schema}"{prefix}order" (tenant_id, id)
);

CREATE INDEX ix_{prefix}order_line_1 ON {schema}"{prefix}order_line" (tenant_id, "order", id);

CREATE INDEX ix_{prefix}order_line_2 ON {schema}"{prefix}order_line" (tenant_id, item, id);

CREATE TABLE {schema}"{prefix}announcement" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	target UUID NOT NULL,
	target_opportunity_task UUID,
	target_lead UUID,
	target_opportunity UUID,
	target_interaction UUID,
	event TEXT COLLATE "C" NOT NULL,
	due_on DATE NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}announcement_target_event_due_on UNIQUE (tenant_id, target, event, due_on),
	CONSTRAINT fk_{prefix}announcement_target_opportunity_task FOREIGN KEY(tenant_id, target_opportunity_task) REFERENCES {schema}"{prefix}opportunity_task" (tenant_id, id),
	CONSTRAINT fk_{prefix}announcement_target_lead FOREIGN KEY(tenant_id, target_lead) REFERENCES {schema}"{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}announcement_target_opportunity FOREIGN KEY(tenant_id, target_opportunity) REFERENCES {schema}"{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}announcement_target_interaction FOREIGN KEY(tenant_id, target_interaction) REFERENCES {schema}"{prefix}interaction" (tenant_id, id),
	CONSTRAINT ck_announcement_target_is_there CHECK ("target" IS NOT DISTINCT FROM COALESCE("target_opportunity_task", "target_lead", "target_opportunity", "target_interaction"))
);

CREATE INDEX ix_{prefix}announcement_target_interaction ON {schema}"{prefix}announcement" (tenant_id, target_interaction) WHERE target_interaction IS NOT NULL;

CREATE INDEX ix_{prefix}announcement_target_lead ON {schema}"{prefix}announcement" (tenant_id, target_lead) WHERE target_lead IS NOT NULL;

CREATE INDEX ix_{prefix}announcement_target_opportunity ON {schema}"{prefix}announcement" (tenant_id, target_opportunity) WHERE target_opportunity IS NOT NULL;

CREATE INDEX ix_{prefix}announcement_target_opportunity_task ON {schema}"{prefix}announcement" (tenant_id, target_opportunity_task) WHERE target_opportunity_task IS NOT NULL;

CREATE TABLE {schema}"{prefix}conversation_entry" (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	interaction UUID NOT NULL,
	position BIGINT NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	internal SMALLINT NOT NULL,
	incoming SMALLINT NOT NULL,
	channel TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	at BIGINT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT fk_{prefix}conversation_entry_interaction FOREIGN KEY(tenant_id, interaction) REFERENCES {schema}"{prefix}interaction" (tenant_id, id),
	CONSTRAINT ck_conversation_entry_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_conversation_entry_position_2 CHECK ("position" <= 1000000)
);

CREATE INDEX ix_{prefix}conversation_entry_1 ON {schema}"{prefix}conversation_entry" (tenant_id, interaction, id);

