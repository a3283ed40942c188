CREATE TABLE account_history (
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

CREATE INDEX ix_account_history_1 ON account_history (tenant_id, kind, name_key, id, until, recorded_at);

CREATE INDEX ix_account_history_2 ON account_history (tenant_id, territory, kind, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE INDEX ix_account_history_3 ON account_history (tenant_id, salesperson, kind, id, until, recorded_at) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_account_history_4 ON account_history (tenant_id, kind, until, recorded_at);

CREATE TABLE announcement_history (
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

CREATE INDEX ix_announcement_history_1 ON announcement_history (tenant_id, target, id, until, recorded_at);

CREATE INDEX ix_announcement_history_2 ON announcement_history (tenant_id, until, recorded_at);

CREATE TABLE campaign_history (
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

CREATE INDEX ix_campaign_history_1 ON campaign_history (tenant_id, starts_on, id, until, recorded_at);

CREATE INDEX ix_campaign_history_2 ON campaign_history (tenant_id, until, recorded_at);

CREATE TABLE campaign_item_history (
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

CREATE INDEX ix_campaign_item_history_1 ON campaign_item_history (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_campaign_item_history_2 ON campaign_item_history (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_campaign_item_history_3 ON campaign_item_history (tenant_id, until, recorded_at);

CREATE TABLE campaign_member_history (
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

CREATE INDEX ix_campaign_member_history_1 ON campaign_member_history (tenant_id, member, id, until, recorded_at);

CREATE INDEX ix_campaign_member_history_2 ON campaign_member_history (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_campaign_member_history_3 ON campaign_member_history (tenant_id, until, recorded_at);

CREATE TABLE campaign_member_status (
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
	CONSTRAINT uq_campaign_member_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_campaign_member_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_campaign_member_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_campaign_member_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_campaign_member_status_category_1 CHECK ("category" IN ('sent', 'responded'))
);

CREATE TABLE campaign_member_status_history (
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

CREATE INDEX ix_campaign_member_status_history_1 ON campaign_member_status_history (tenant_id, until, recorded_at);

CREATE TABLE campaign_status (
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
	CONSTRAINT uq_campaign_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_campaign_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_campaign_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_campaign_status_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE campaign_status_history (
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

CREATE INDEX ix_campaign_status_history_1 ON campaign_status_history (tenant_id, until, recorded_at);

CREATE TABLE campaign_type (
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
	CONSTRAINT uq_campaign_type_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_campaign_type_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_campaign_type_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_campaign_type_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE campaign_type_history (
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

CREATE INDEX ix_campaign_type_history_1 ON campaign_type_history (tenant_id, until, recorded_at);

CREATE TABLE competitor (
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
	CONSTRAINT uq_competitor_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT ck_competitor_company_revenue_1 CHECK ("company_revenue" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_competitor_company_revenue_2 CHECK ("company_revenue" >= 0),
	CONSTRAINT ck_competitor_employees_1 CHECK ("employees" >= 0),
	CONSTRAINT ck_competitor_employees_2 CHECK ("employees" <= 1000000000)
);

CREATE TABLE competitor_history (
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

CREATE INDEX ix_competitor_history_1 ON competitor_history (tenant_id, until, recorded_at);

CREATE TABLE contact_account_history (
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

CREATE INDEX ix_contact_account_history_1 ON contact_account_history (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_contact_account_history_2 ON contact_account_history (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_contact_account_history_3 ON contact_account_history (tenant_id, until, recorded_at);

CREATE TABLE contact_email_history (
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

CREATE INDEX ix_contact_email_history_1 ON contact_email_history (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_contact_email_history_2 ON contact_email_history (tenant_id, until, recorded_at);

CREATE TABLE contact_phone_history (
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

CREATE INDEX ix_contact_phone_history_1 ON contact_phone_history (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_contact_phone_history_2 ON contact_phone_history (tenant_id, until, recorded_at);

CREATE TABLE contact_salesperson_history (
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

CREATE INDEX ix_contact_salesperson_history_1 ON contact_salesperson_history (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_contact_salesperson_history_2 ON contact_salesperson_history (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_contact_salesperson_history_3 ON contact_salesperson_history (tenant_id, until, recorded_at);

CREATE TABLE conversation_entry_history (
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

CREATE INDEX ix_conversation_entry_history_1 ON conversation_entry_history (tenant_id, interaction, id, until, recorded_at);

CREATE INDEX ix_conversation_entry_history_2 ON conversation_entry_history (tenant_id, until, recorded_at);

CREATE TABLE conversion (
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
	CONSTRAINT uq_conversion_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT uq_conversion_request_key_key UNIQUE (tenant_id, request_key_key)
);

CREATE INDEX ix_conversion_1 ON conversion (tenant_id, account, id);

CREATE INDEX ix_conversion_2 ON conversion (tenant_id, undone_at, id) WHERE undone_at IS NOT NULL;

CREATE TABLE conversion_history (
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

CREATE INDEX ix_conversion_history_1 ON conversion_history (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_conversion_history_2 ON conversion_history (tenant_id, until, recorded_at);

CREATE TABLE crmkit_schema (
	version_num TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (version_num)
);

CREATE TABLE estimate_history (
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

CREATE INDEX ix_estimate_history_1 ON estimate_history (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_estimate_history_2 ON estimate_history (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_estimate_history_3 ON estimate_history (tenant_id, lead, id, until, recorded_at);

CREATE INDEX ix_estimate_history_4 ON estimate_history (tenant_id, dated, id, until, recorded_at);

CREATE INDEX ix_estimate_history_5 ON estimate_history (tenant_id, salesperson, id, until, recorded_at) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_estimate_history_6 ON estimate_history (tenant_id, until, recorded_at);

CREATE TABLE estimate_line_history (
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

CREATE INDEX ix_estimate_line_history_1 ON estimate_line_history (tenant_id, estimate, id, until, recorded_at);

CREATE INDEX ix_estimate_line_history_2 ON estimate_line_history (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_estimate_line_history_3 ON estimate_line_history (tenant_id, until, recorded_at);

CREATE TABLE estimate_status (
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
	CONSTRAINT uq_estimate_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_estimate_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_estimate_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_estimate_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_estimate_status_category_1 CHECK ("category" IN ('open', 'accepted', 'declined'))
);

CREATE TABLE estimate_status_history (
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

CREATE INDEX ix_estimate_status_history_1 ON estimate_status_history (tenant_id, until, recorded_at);

CREATE TABLE exchange_rate (
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
	CONSTRAINT uq_exchange_rate_from_currency_to_currency_day UNIQUE (tenant_id, from_currency, to_currency, day)
);

CREATE TABLE exchange_rate_history (
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

CREATE INDEX ix_exchange_rate_history_1 ON exchange_rate_history (tenant_id, until, recorded_at);

CREATE TABLE forecast_adjustment_history (
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

CREATE INDEX ix_forecast_adjustment_history_1 ON forecast_adjustment_history (tenant_id, forecast, id, until, recorded_at);

CREATE INDEX ix_forecast_adjustment_history_2 ON forecast_adjustment_history (tenant_id, until, recorded_at);

CREATE TABLE forecast_line_history (
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

CREATE INDEX ix_forecast_line_history_1 ON forecast_line_history (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_forecast_line_history_2 ON forecast_line_history (tenant_id, forecast, id, until, recorded_at);

CREATE INDEX ix_forecast_line_history_3 ON forecast_line_history (tenant_id, account, id, until, recorded_at) WHERE account IS NOT NULL;

CREATE INDEX ix_forecast_line_history_4 ON forecast_line_history (tenant_id, until, recorded_at);

CREATE TABLE forecast_snapshot (
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

CREATE INDEX ix_forecast_snapshot_1 ON forecast_snapshot (tenant_id, taken_at, id);

CREATE TABLE forecast_snapshot_history (
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

CREATE INDEX ix_forecast_snapshot_history_1 ON forecast_snapshot_history (tenant_id, taken_at, id, until, recorded_at);

CREATE INDEX ix_forecast_snapshot_history_2 ON forecast_snapshot_history (tenant_id, until, recorded_at);

CREATE TABLE interaction_history (
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

CREATE INDEX ix_interaction_history_1 ON interaction_history (tenant_id, subject, id, until, recorded_at);

CREATE INDEX ix_interaction_history_2 ON interaction_history (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_interaction_history_3 ON interaction_history (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_interaction_history_4 ON interaction_history (tenant_id, happened_at, id, until, recorded_at);

CREATE INDEX ix_interaction_history_5 ON interaction_history (tenant_id, follow_up_on, id, until, recorded_at);

CREATE INDEX ix_interaction_history_6 ON interaction_history (tenant_id, reference, id, until, recorded_at) WHERE reference IS NOT NULL;

CREATE INDEX ix_interaction_history_7 ON interaction_history (tenant_id, until, recorded_at);

CREATE TABLE interaction_topic (
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
	CONSTRAINT uq_interaction_topic_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_interaction_topic_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_interaction_topic_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_interaction_topic_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_interaction_topic_category_1 CHECK ("category" IN ('prospect', 'customer', 'sales contact'))
);

CREATE TABLE interaction_topic_history (
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

CREATE INDEX ix_interaction_topic_history_1 ON interaction_topic_history (tenant_id, until, recorded_at);

CREATE TABLE item (
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
	CONSTRAINT uq_item_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT ck_item_unit_price_1 CHECK ("unit_price" >= 0)
);

CREATE TABLE item_history (
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

CREATE INDEX ix_item_history_1 ON item_history (tenant_id, until, recorded_at);

CREATE TABLE lead_history (
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

CREATE INDEX ix_lead_history_1 ON lead_history (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_lead_history_2 ON lead_history (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_lead_history_3 ON lead_history (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_lead_history_4 ON lead_history (tenant_id, follow_up_on, id, until, recorded_at);

CREATE INDEX ix_lead_history_5 ON lead_history (tenant_id, sales_contact, id, until, recorded_at) WHERE sales_contact IS NOT NULL;

CREATE INDEX ix_lead_history_6 ON lead_history (tenant_id, territory, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE INDEX ix_lead_history_7 ON lead_history (tenant_id, until, recorded_at);

CREATE TABLE lead_quality (
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
	CONSTRAINT uq_lead_quality_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_lead_quality_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_lead_quality_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_lead_quality_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE lead_quality_history (
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

CREATE INDEX ix_lead_quality_history_1 ON lead_quality_history (tenant_id, until, recorded_at);

CREATE TABLE lead_status (
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
	CONSTRAINT uq_lead_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_lead_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_lead_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_lead_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_lead_status_category_1 CHECK ("category" IN ('open', 'qualified', 'disqualified'))
);

CREATE TABLE lead_status_history (
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

CREATE INDEX ix_lead_status_history_1 ON lead_status_history (tenant_id, until, recorded_at);

CREATE TABLE lost_reason (
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
	CONSTRAINT uq_lost_reason_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_lost_reason_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_lost_reason_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_lost_reason_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE lost_reason_history (
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

CREATE INDEX ix_lost_reason_history_1 ON lost_reason_history (tenant_id, until, recorded_at);

CREATE TABLE merge (
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
	CONSTRAINT uq_merge_number_key UNIQUE (tenant_id, number_key)
);

CREATE INDEX ix_merge_1 ON merge (tenant_id, absorbed, id);

CREATE INDEX ix_merge_2 ON merge (tenant_id, survivor, id);

CREATE INDEX ix_merge_3 ON merge (tenant_id, absorbed_number_key, id);

CREATE INDEX ix_merge_4 ON merge (tenant_id, other_number_key, id);

CREATE INDEX ix_merge_5 ON merge (tenant_id, conversion, id);

CREATE TABLE merge_history (
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

CREATE INDEX ix_merge_history_1 ON merge_history (tenant_id, absorbed, id, until, recorded_at);

CREATE INDEX ix_merge_history_2 ON merge_history (tenant_id, survivor, id, until, recorded_at);

CREATE INDEX ix_merge_history_3 ON merge_history (tenant_id, absorbed_number_key, id, until, recorded_at);

CREATE INDEX ix_merge_history_4 ON merge_history (tenant_id, other_number_key, id, until, recorded_at);

CREATE INDEX ix_merge_history_5 ON merge_history (tenant_id, conversion, id, until, recorded_at);

CREATE INDEX ix_merge_history_6 ON merge_history (tenant_id, until, recorded_at);

CREATE TABLE note (
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

CREATE INDEX ix_note_1 ON note (tenant_id, target, id);

CREATE TABLE note_history (
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

CREATE INDEX ix_note_history_1 ON note_history (tenant_id, target, id, until, recorded_at);

CREATE INDEX ix_note_history_2 ON note_history (tenant_id, until, recorded_at);

CREATE TABLE number_counter (
	tenant_id TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	scope TEXT COLLATE "C" NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, kind, scope)
);

CREATE TABLE opportunity_competitor_history (
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

CREATE INDEX ix_opportunity_competitor_history_1 ON opportunity_competitor_history (tenant_id, competitor, id, until, recorded_at);

CREATE INDEX ix_opportunity_competitor_history_2 ON opportunity_competitor_history (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_opportunity_competitor_history_3 ON opportunity_competitor_history (tenant_id, until, recorded_at);

CREATE TABLE opportunity_contact_history (
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

CREATE INDEX ix_opportunity_contact_history_1 ON opportunity_contact_history (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_opportunity_contact_history_2 ON opportunity_contact_history (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_opportunity_contact_history_3 ON opportunity_contact_history (tenant_id, until, recorded_at);

CREATE TABLE opportunity_history (
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

CREATE INDEX ix_opportunity_history_1 ON opportunity_history (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_opportunity_history_10 ON opportunity_history (tenant_id, until, recorded_at);

CREATE INDEX ix_opportunity_history_2 ON opportunity_history (tenant_id, lead, id, until, recorded_at);

CREATE INDEX ix_opportunity_history_3 ON opportunity_history (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_opportunity_history_4 ON opportunity_history (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_opportunity_history_5 ON opportunity_history (tenant_id, stage, id, until, recorded_at);

CREATE INDEX ix_opportunity_history_6 ON opportunity_history (tenant_id, projected_close, id, until, recorded_at);

CREATE INDEX ix_opportunity_history_7 ON opportunity_history (tenant_id, estimated_value, id, until, recorded_at);

CREATE INDEX ix_opportunity_history_8 ON opportunity_history (tenant_id, follow_up_on, id, until, recorded_at);

CREATE INDEX ix_opportunity_history_9 ON opportunity_history (tenant_id, territory, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE TABLE opportunity_item_history (
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

CREATE INDEX ix_opportunity_item_history_1 ON opportunity_item_history (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_opportunity_item_history_2 ON opportunity_item_history (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_opportunity_item_history_3 ON opportunity_item_history (tenant_id, until, recorded_at);

CREATE TABLE opportunity_status (
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
	CONSTRAINT uq_opportunity_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_opportunity_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_opportunity_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_opportunity_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_opportunity_status_category_1 CHECK ("category" IN ('open', 'won', 'lost'))
);

CREATE TABLE opportunity_status_history (
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

CREATE INDEX ix_opportunity_status_history_1 ON opportunity_status_history (tenant_id, until, recorded_at);

CREATE TABLE opportunity_task_history (
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

CREATE INDEX ix_opportunity_task_history_1 ON opportunity_task_history (tenant_id, due_on, id, until, recorded_at);

CREATE INDEX ix_opportunity_task_history_2 ON opportunity_task_history (tenant_id, owner_key, id, until, recorded_at);

CREATE INDEX ix_opportunity_task_history_3 ON opportunity_task_history (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_opportunity_task_history_4 ON opportunity_task_history (tenant_id, until, recorded_at);

CREATE TABLE order_history (
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

CREATE INDEX ix_order_history_1 ON order_history (tenant_id, customer, id, until, recorded_at);

CREATE INDEX ix_order_history_2 ON order_history (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_order_history_3 ON order_history (tenant_id, estimate, id, until, recorded_at);

CREATE INDEX ix_order_history_4 ON order_history (tenant_id, lead, id, until, recorded_at);

CREATE INDEX ix_order_history_5 ON order_history (tenant_id, dated, id, until, recorded_at);

CREATE INDEX ix_order_history_6 ON order_history (tenant_id, salesperson, id, until, recorded_at) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_order_history_7 ON order_history (tenant_id, until, recorded_at);

CREATE TABLE order_line_history (
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

CREATE INDEX ix_order_line_history_1 ON order_line_history (tenant_id, "order", id, until, recorded_at);

CREATE INDEX ix_order_line_history_2 ON order_line_history (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_order_line_history_3 ON order_line_history (tenant_id, until, recorded_at);

CREATE TABLE order_status (
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
	CONSTRAINT uq_order_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_order_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_order_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_order_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_order_status_category_1 CHECK ("category" IN ('open', 'done', 'cancelled'))
);

CREATE TABLE order_status_history (
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

CREATE INDEX ix_order_status_history_1 ON order_status_history (tenant_id, until, recorded_at);

CREATE TABLE quota_history (
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

CREATE INDEX ix_quota_history_1 ON quota_history (tenant_id, period, id, until, recorded_at);

CREATE INDEX ix_quota_history_2 ON quota_history (tenant_id, owner, id, until, recorded_at);

CREATE INDEX ix_quota_history_3 ON quota_history (tenant_id, until, recorded_at);

CREATE TABLE sales_contact (
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
	CONSTRAINT uq_sales_contact_number_key UNIQUE (tenant_id, number_key)
);

CREATE TABLE sales_contact_history (
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

CREATE INDEX ix_sales_contact_history_1 ON sales_contact_history (tenant_id, until, recorded_at);

CREATE TABLE sales_forecast_history (
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

CREATE INDEX ix_sales_forecast_history_1 ON sales_forecast_history (tenant_id, period, id, until, recorded_at);

CREATE INDEX ix_sales_forecast_history_2 ON sales_forecast_history (tenant_id, owner, id, until, recorded_at);

CREATE INDEX ix_sales_forecast_history_3 ON sales_forecast_history (tenant_id, until, recorded_at);

CREATE TABLE sales_period (
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
	CONSTRAINT uq_sales_period_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT ck_sales_period_kind_1 CHECK ("kind" IN ('month', 'quarter', 'year', 'other'))
);

CREATE INDEX ix_sales_period_1 ON sales_period (tenant_id, kind, starts_on, id);

CREATE TABLE sales_period_history (
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

CREATE INDEX ix_sales_period_history_1 ON sales_period_history (tenant_id, kind, starts_on, id, until, recorded_at);

CREATE INDEX ix_sales_period_history_2 ON sales_period_history (tenant_id, until, recorded_at);

CREATE TABLE sales_team_history (
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

CREATE INDEX ix_sales_team_history_1 ON sales_team_history (tenant_id, leader, id, until, recorded_at) WHERE leader IS NOT NULL;

CREATE INDEX ix_sales_team_history_2 ON sales_team_history (tenant_id, until, recorded_at);

CREATE TABLE sales_team_member_history (
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

CREATE INDEX ix_sales_team_member_history_1 ON sales_team_member_history (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_sales_team_member_history_2 ON sales_team_member_history (tenant_id, team, id, until, recorded_at);

CREATE INDEX ix_sales_team_member_history_3 ON sales_team_member_history (tenant_id, until, recorded_at);

CREATE TABLE salesperson_history (
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

CREATE INDEX ix_salesperson_history_1 ON salesperson_history (tenant_id, manager, id, until, recorded_at) WHERE manager IS NOT NULL;

CREATE INDEX ix_salesperson_history_2 ON salesperson_history (tenant_id, territory, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE INDEX ix_salesperson_history_3 ON salesperson_history (tenant_id, until, recorded_at);

CREATE TABLE ship_to_address_history (
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

CREATE INDEX ix_ship_to_address_history_1 ON ship_to_address_history (tenant_id, customer, id, until, recorded_at);

CREATE INDEX ix_ship_to_address_history_2 ON ship_to_address_history (tenant_id, until, recorded_at);

CREATE TABLE source (
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
	CONSTRAINT uq_source_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_source_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_source_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_source_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE source_history (
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

CREATE INDEX ix_source_history_1 ON source_history (tenant_id, until, recorded_at);

CREATE TABLE stage (
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
	CONSTRAINT uq_stage_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_stage_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_stage_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_stage_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_stage_probability_1 CHECK ("probability" >= 0),
	CONSTRAINT ck_stage_probability_2 CHECK ("probability" <= 10000),
	CONSTRAINT ck_stage_forecast_category_1 CHECK ("forecast_category" IN ('pipeline', 'best_case', 'commit', 'omitted', ''))
);

CREATE TABLE stage_history (
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

CREATE INDEX ix_stage_history_1 ON stage_history (tenant_id, until, recorded_at);

CREATE TABLE task_priority (
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
	CONSTRAINT uq_task_priority_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_task_priority_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_task_priority_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_task_priority_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE task_priority_history (
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

CREATE INDEX ix_task_priority_history_1 ON task_priority_history (tenant_id, until, recorded_at);

CREATE TABLE task_status (
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
	CONSTRAINT uq_task_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_task_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_task_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_task_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_task_status_category_1 CHECK ("category" IN ('open', 'done'))
);

CREATE TABLE task_status_history (
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

CREATE INDEX ix_task_status_history_1 ON task_status_history (tenant_id, until, recorded_at);

CREATE TABLE task_type (
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
	CONSTRAINT uq_task_type_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_task_type_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_task_type_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_task_type_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE task_type_history (
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

CREATE INDEX ix_task_type_history_1 ON task_type_history (tenant_id, until, recorded_at);

CREATE TABLE team_assignment_history (
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

CREATE INDEX ix_team_assignment_history_1 ON team_assignment_history (tenant_id, holder, id, until, recorded_at);

CREATE INDEX ix_team_assignment_history_2 ON team_assignment_history (tenant_id, target, id, until, recorded_at);

CREATE INDEX ix_team_assignment_history_3 ON team_assignment_history (tenant_id, until, recorded_at);

CREATE TABLE territory (
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
	CONSTRAINT uq_territory_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT fk_territory_parent FOREIGN KEY(tenant_id, parent) REFERENCES territory (tenant_id, id)
);

CREATE INDEX ix_territory_1 ON territory (tenant_id, parent, id) WHERE parent IS NOT NULL;

CREATE TABLE territory_history (
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

CREATE INDEX ix_territory_history_1 ON territory_history (tenant_id, parent, id, until, recorded_at) WHERE parent IS NOT NULL;

CREATE INDEX ix_territory_history_2 ON territory_history (tenant_id, until, recorded_at);

CREATE TABLE won_reason (
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
	CONSTRAINT uq_won_reason_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_won_reason_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_won_reason_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_won_reason_position_2 CHECK ("position" <= 1000000)
);

CREATE TABLE won_reason_history (
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

CREATE INDEX ix_won_reason_history_1 ON won_reason_history (tenant_id, until, recorded_at);

CREATE TABLE campaign (
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
	CONSTRAINT uq_campaign_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT fk_campaign_type FOREIGN KEY(tenant_id, type) REFERENCES campaign_type (tenant_id, code),
	CONSTRAINT fk_campaign_status FOREIGN KEY(tenant_id, status) REFERENCES campaign_status (tenant_id, code),
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

CREATE INDEX ix_campaign_1 ON campaign (tenant_id, starts_on, id);

CREATE INDEX ix_campaign_2 ON campaign (tenant_id, type, id);

CREATE INDEX ix_campaign_3 ON campaign (tenant_id, status, id);

CREATE TABLE contact_email (
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
	CONSTRAINT fk_contact_email_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES sales_contact (tenant_id, id),
	CONSTRAINT ck_contact_email_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_contact_email_position_2 CHECK ("position" <= 1000000)
);

CREATE INDEX ix_contact_email_1 ON contact_email (tenant_id, sales_contact, id);

CREATE INDEX ix_contact_email_email_match ON contact_email (tenant_id, email_match, id) WHERE email_match IS NOT NULL;

CREATE TABLE contact_phone (
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
	CONSTRAINT fk_contact_phone_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES sales_contact (tenant_id, id),
	CONSTRAINT ck_contact_phone_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_contact_phone_position_2 CHECK ("position" <= 1000000)
);

CREATE INDEX ix_contact_phone_1 ON contact_phone (tenant_id, sales_contact, id);

CREATE INDEX ix_contact_phone_phone_match ON contact_phone (tenant_id, phone_match, id) WHERE phone_match IS NOT NULL;

CREATE TABLE salesperson (
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
	CONSTRAINT uq_salesperson_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_salesperson_manager FOREIGN KEY(tenant_id, manager) REFERENCES salesperson (tenant_id, id),
	CONSTRAINT fk_salesperson_territory FOREIGN KEY(tenant_id, territory) REFERENCES territory (tenant_id, id)
);

CREATE INDEX ix_salesperson_1 ON salesperson (tenant_id, manager, id) WHERE manager IS NOT NULL;

CREATE INDEX ix_salesperson_2 ON salesperson (tenant_id, territory, id) WHERE territory IS NOT NULL;

CREATE TABLE account (
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
	CONSTRAINT uq_account_kind UNIQUE (tenant_id, id, kind),
	CONSTRAINT ck_account_kind CHECK ("kind" IN ('prospect', 'customer')),
	CONSTRAINT uq_account_prospect_number_key UNIQUE (tenant_id, prospect_number_key),
	CONSTRAINT uq_account_customer_number_key UNIQUE (tenant_id, customer_number_key),
	CONSTRAINT fk_account_territory FOREIGN KEY(tenant_id, territory) REFERENCES territory (tenant_id, id),
	CONSTRAINT fk_account_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES salesperson (tenant_id, id),
	CONSTRAINT ck_account_company_revenue_1 CHECK ("company_revenue" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_account_company_revenue_2 CHECK ("company_revenue" >= 0),
	CONSTRAINT ck_account_employees_1 CHECK ("employees" >= 0),
	CONSTRAINT ck_account_employees_2 CHECK ("employees" <= 1000000000)
);

CREATE INDEX ix_account_1 ON account (tenant_id, kind, name_key, id);

CREATE INDEX ix_account_2 ON account (tenant_id, territory, kind, id) WHERE territory IS NOT NULL;

CREATE INDEX ix_account_3 ON account (tenant_id, salesperson, kind, id) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_account_4 ON account (tenant_id, kind, id);

CREATE INDEX ix_account_email_match ON account (tenant_id, email_match, id) WHERE email_match IS NOT NULL;

CREATE INDEX ix_account_legal_name_match ON account (tenant_id, legal_name_match, id) WHERE legal_name_match IS NOT NULL;

CREATE INDEX ix_account_name_match ON account (tenant_id, name_match, id) WHERE name_match IS NOT NULL;

CREATE INDEX ix_account_phone_match ON account (tenant_id, phone_match, id) WHERE phone_match IS NOT NULL;

CREATE INDEX ix_account_tax_number_match ON account (tenant_id, tax_number_match, id) WHERE tax_number_match IS NOT NULL;

CREATE INDEX ix_account_web_match ON account (tenant_id, web_match, id) WHERE web_match IS NOT NULL;

CREATE TABLE campaign_item (
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
	CONSTRAINT uq_campaign_item_campaign_item UNIQUE (tenant_id, campaign, item),
	CONSTRAINT fk_campaign_item_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES campaign (tenant_id, id),
	CONSTRAINT fk_campaign_item_item FOREIGN KEY(tenant_id, item) REFERENCES item (tenant_id, id)
);

CREATE INDEX ix_campaign_item_1 ON campaign_item (tenant_id, item, id);

CREATE TABLE contact_salesperson (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	sales_contact UUID NOT NULL,
	salesperson UUID NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_contact_salesperson_sales_contact_salesperson UNIQUE (tenant_id, sales_contact, salesperson),
	CONSTRAINT fk_contact_salesperson_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES sales_contact (tenant_id, id),
	CONSTRAINT fk_contact_salesperson_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES salesperson (tenant_id, id)
);

CREATE INDEX ix_contact_salesperson_1 ON contact_salesperson (tenant_id, salesperson, id);

CREATE TABLE sales_team (
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
	CONSTRAINT uq_sales_team_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT fk_sales_team_leader FOREIGN KEY(tenant_id, leader) REFERENCES salesperson (tenant_id, id)
);

CREATE INDEX ix_sales_team_1 ON sales_team (tenant_id, leader, id) WHERE leader IS NOT NULL;

CREATE TABLE contact_account (
	tenant_id TEXT COLLATE "C" NOT NULL,
	id UUID NOT NULL,
	version BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	recorded_by TEXT COLLATE "C" NOT NULL,
	custom TEXT COLLATE "C",
	sales_contact UUID NOT NULL,
	account UUID NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_contact_account_sales_contact_account UNIQUE (tenant_id, sales_contact, account),
	CONSTRAINT fk_contact_account_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES sales_contact (tenant_id, id),
	CONSTRAINT fk_contact_account_account FOREIGN KEY(tenant_id, account) REFERENCES account (tenant_id, id)
);

CREATE INDEX ix_contact_account_1 ON contact_account (tenant_id, account, id);

CREATE TABLE lead (
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
	CONSTRAINT uq_lead_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_lead_account FOREIGN KEY(tenant_id, account) REFERENCES account (tenant_id, id),
	CONSTRAINT fk_lead_status FOREIGN KEY(tenant_id, status) REFERENCES lead_status (tenant_id, code),
	CONSTRAINT fk_lead_source FOREIGN KEY(tenant_id, source) REFERENCES source (tenant_id, code),
	CONSTRAINT fk_lead_quality FOREIGN KEY(tenant_id, quality) REFERENCES lead_quality (tenant_id, code),
	CONSTRAINT fk_lead_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES sales_contact (tenant_id, id),
	CONSTRAINT fk_lead_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES salesperson (tenant_id, id),
	CONSTRAINT fk_lead_territory FOREIGN KEY(tenant_id, territory) REFERENCES territory (tenant_id, id),
	CONSTRAINT fk_lead_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES campaign (tenant_id, id)
);

CREATE INDEX ix_lead_1 ON lead (tenant_id, account, id);

CREATE INDEX ix_lead_2 ON lead (tenant_id, campaign, id);

CREATE INDEX ix_lead_3 ON lead (tenant_id, salesperson, id);

CREATE INDEX ix_lead_4 ON lead (tenant_id, follow_up_on, id);

CREATE INDEX ix_lead_5 ON lead (tenant_id, status, id);

CREATE INDEX ix_lead_6 ON lead (tenant_id, source, id);

CREATE INDEX ix_lead_7 ON lead (tenant_id, quality, id);

CREATE INDEX ix_lead_8 ON lead (tenant_id, sales_contact, id) WHERE sales_contact IS NOT NULL;

CREATE INDEX ix_lead_9 ON lead (tenant_id, territory, id) WHERE territory IS NOT NULL;

CREATE TABLE quota (
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
	CONSTRAINT uq_quota_owner_period UNIQUE (tenant_id, owner, period),
	CONSTRAINT fk_quota_owner_salesperson FOREIGN KEY(tenant_id, owner_salesperson) REFERENCES salesperson (tenant_id, id),
	CONSTRAINT fk_quota_owner_sales_team FOREIGN KEY(tenant_id, owner_sales_team) REFERENCES sales_team (tenant_id, id),
	CONSTRAINT fk_quota_owner_territory FOREIGN KEY(tenant_id, owner_territory) REFERENCES territory (tenant_id, id),
	CONSTRAINT ck_quota_owner_is_there CHECK ("owner" IS NOT DISTINCT FROM COALESCE("owner_salesperson", "owner_sales_team", "owner_territory")),
	CONSTRAINT fk_quota_period FOREIGN KEY(tenant_id, period) REFERENCES sales_period (tenant_id, id),
	CONSTRAINT ck_quota_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_quota_amount_2 CHECK ("amount" >= 0)
);

CREATE INDEX ix_quota_1 ON quota (tenant_id, period, id);

CREATE INDEX ix_quota_owner_sales_team ON quota (tenant_id, owner_sales_team) WHERE owner_sales_team IS NOT NULL;

CREATE INDEX ix_quota_owner_salesperson ON quota (tenant_id, owner_salesperson) WHERE owner_salesperson IS NOT NULL;

CREATE INDEX ix_quota_owner_territory ON quota (tenant_id, owner_territory) WHERE owner_territory IS NOT NULL;

CREATE TABLE sales_forecast (
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
	CONSTRAINT uq_sales_forecast_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_sales_forecast_owner_salesperson FOREIGN KEY(tenant_id, owner_salesperson) REFERENCES salesperson (tenant_id, id),
	CONSTRAINT fk_sales_forecast_owner_sales_team FOREIGN KEY(tenant_id, owner_sales_team) REFERENCES sales_team (tenant_id, id),
	CONSTRAINT ck_sales_forecast_owner_is_there CHECK ("owner" IS NOT DISTINCT FROM COALESCE("owner_salesperson", "owner_sales_team")),
	CONSTRAINT fk_sales_forecast_period FOREIGN KEY(tenant_id, period) REFERENCES sales_period (tenant_id, id),
	CONSTRAINT ck_sales_forecast_status_1 CHECK ("status" IN ('draft', 'submitted', 'approved', ''))
);

CREATE INDEX ix_sales_forecast_1 ON sales_forecast (tenant_id, period, id);

CREATE INDEX ix_sales_forecast_2 ON sales_forecast (tenant_id, owner, id);

CREATE INDEX ix_sales_forecast_owner_sales_team ON sales_forecast (tenant_id, owner_sales_team) WHERE owner_sales_team IS NOT NULL;

CREATE INDEX ix_sales_forecast_owner_salesperson ON sales_forecast (tenant_id, owner_salesperson) WHERE owner_salesperson IS NOT NULL;

CREATE TABLE sales_team_member (
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
	CONSTRAINT uq_sales_team_member_team_salesperson_role UNIQUE (tenant_id, team, salesperson, role),
	CONSTRAINT fk_sales_team_member_team FOREIGN KEY(tenant_id, team) REFERENCES sales_team (tenant_id, id),
	CONSTRAINT fk_sales_team_member_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES salesperson (tenant_id, id)
);

CREATE INDEX ix_sales_team_member_1 ON sales_team_member (tenant_id, salesperson, id);

CREATE TABLE ship_to_address (
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
	CONSTRAINT uq_ship_to_address_customer_code UNIQUE (tenant_id, customer, code),
	CONSTRAINT fk_ship_to_address_customer FOREIGN KEY(tenant_id, customer, customer_kind) REFERENCES account (tenant_id, id, kind),
	CONSTRAINT ck_ship_to_address_customer_kind CHECK ("customer_kind" = 'customer')
);

CREATE TABLE campaign_member (
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
	CONSTRAINT uq_campaign_member_campaign_member UNIQUE (tenant_id, campaign, member),
	CONSTRAINT fk_campaign_member_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES campaign (tenant_id, id),
	CONSTRAINT fk_campaign_member_member_sales_contact FOREIGN KEY(tenant_id, member_sales_contact) REFERENCES sales_contact (tenant_id, id),
	CONSTRAINT fk_campaign_member_member_lead FOREIGN KEY(tenant_id, member_lead) REFERENCES lead (tenant_id, id),
	CONSTRAINT ck_campaign_member_member_is_there CHECK ("member" IS NOT DISTINCT FROM COALESCE("member_sales_contact", "member_lead")),
	CONSTRAINT fk_campaign_member_status FOREIGN KEY(tenant_id, status) REFERENCES campaign_member_status (tenant_id, code)
);

CREATE INDEX ix_campaign_member_1 ON campaign_member (tenant_id, member, id);

CREATE INDEX ix_campaign_member_2 ON campaign_member (tenant_id, status, id);

CREATE INDEX ix_campaign_member_member_lead ON campaign_member (tenant_id, member_lead) WHERE member_lead IS NOT NULL;

CREATE INDEX ix_campaign_member_member_sales_contact ON campaign_member (tenant_id, member_sales_contact) WHERE member_sales_contact IS NOT NULL;

CREATE TABLE forecast_adjustment (
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
	CONSTRAINT fk_forecast_adjustment_forecast FOREIGN KEY(tenant_id, forecast) REFERENCES sales_forecast (tenant_id, id),
	CONSTRAINT ck_forecast_adjustment_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_forecast_adjustment_difference_1 CHECK ("difference" BETWEEN -900000000000000 AND 900000000000000)
);

CREATE INDEX ix_forecast_adjustment_1 ON forecast_adjustment (tenant_id, forecast, id);

CREATE TABLE opportunity (
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
	CONSTRAINT uq_opportunity_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_opportunity_account FOREIGN KEY(tenant_id, account) REFERENCES account (tenant_id, id),
	CONSTRAINT fk_opportunity_status FOREIGN KEY(tenant_id, status) REFERENCES opportunity_status (tenant_id, code),
	CONSTRAINT fk_opportunity_stage FOREIGN KEY(tenant_id, stage) REFERENCES stage (tenant_id, code),
	CONSTRAINT fk_opportunity_source FOREIGN KEY(tenant_id, source) REFERENCES source (tenant_id, code),
	CONSTRAINT fk_opportunity_lead FOREIGN KEY(tenant_id, lead) REFERENCES lead (tenant_id, id),
	CONSTRAINT fk_opportunity_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES campaign (tenant_id, id),
	CONSTRAINT ck_opportunity_estimated_value_1 CHECK ("estimated_value" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_opportunity_estimated_value_2 CHECK ("estimated_value" >= 0),
	CONSTRAINT ck_opportunity_probability_1 CHECK ("probability" >= 0),
	CONSTRAINT ck_opportunity_probability_2 CHECK ("probability" <= 10000),
	CONSTRAINT fk_opportunity_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES salesperson (tenant_id, id),
	CONSTRAINT fk_opportunity_territory FOREIGN KEY(tenant_id, territory) REFERENCES territory (tenant_id, id),
	CONSTRAINT fk_opportunity_won_reason FOREIGN KEY(tenant_id, won_reason) REFERENCES won_reason (tenant_id, code),
	CONSTRAINT fk_opportunity_lost_reason FOREIGN KEY(tenant_id, lost_reason) REFERENCES lost_reason (tenant_id, code),
	CONSTRAINT ck_opportunity_forecast_category_1 CHECK ("forecast_category" IN ('pipeline', 'best_case', 'commit', 'omitted', ''))
);

CREATE INDEX ix_opportunity_1 ON opportunity (tenant_id, account, id);

CREATE INDEX ix_opportunity_10 ON opportunity (tenant_id, source, id);

CREATE INDEX ix_opportunity_11 ON opportunity (tenant_id, territory, id) WHERE territory IS NOT NULL;

CREATE INDEX ix_opportunity_12 ON opportunity (tenant_id, won_reason, id);

CREATE INDEX ix_opportunity_13 ON opportunity (tenant_id, lost_reason, id);

CREATE INDEX ix_opportunity_2 ON opportunity (tenant_id, lead, id);

CREATE INDEX ix_opportunity_3 ON opportunity (tenant_id, campaign, id);

CREATE INDEX ix_opportunity_4 ON opportunity (tenant_id, salesperson, id);

CREATE INDEX ix_opportunity_5 ON opportunity (tenant_id, stage, id);

CREATE INDEX ix_opportunity_6 ON opportunity (tenant_id, projected_close, id);

CREATE INDEX ix_opportunity_7 ON opportunity (tenant_id, estimated_value, id);

CREATE INDEX ix_opportunity_8 ON opportunity (tenant_id, follow_up_on, id);

CREATE INDEX ix_opportunity_9 ON opportunity (tenant_id, status, id);

CREATE INDEX ix_opportunity_counted ON opportunity (tenant_id, closed_on, projected_close, salesperson, status, stage, forecast_category, probability, estimated_value, estimated_value_currency, recorded_at, id);

CREATE TABLE estimate (
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
	CONSTRAINT uq_estimate_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_estimate_account FOREIGN KEY(tenant_id, account) REFERENCES account (tenant_id, id),
	CONSTRAINT fk_estimate_lead FOREIGN KEY(tenant_id, lead) REFERENCES lead (tenant_id, id),
	CONSTRAINT fk_estimate_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES opportunity (tenant_id, id),
	CONSTRAINT fk_estimate_status FOREIGN KEY(tenant_id, status) REFERENCES estimate_status (tenant_id, code),
	CONSTRAINT fk_estimate_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES salesperson (tenant_id, id)
);

CREATE INDEX ix_estimate_1 ON estimate (tenant_id, account, id);

CREATE INDEX ix_estimate_2 ON estimate (tenant_id, opportunity, id);

CREATE INDEX ix_estimate_3 ON estimate (tenant_id, lead, id);

CREATE INDEX ix_estimate_4 ON estimate (tenant_id, dated, id);

CREATE INDEX ix_estimate_5 ON estimate (tenant_id, status, id);

CREATE INDEX ix_estimate_6 ON estimate (tenant_id, salesperson, id) WHERE salesperson IS NOT NULL;

CREATE TABLE forecast_line (
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
	CONSTRAINT uq_forecast_line_forecast_opportunity UNIQUE (tenant_id, forecast, opportunity),
	CONSTRAINT fk_forecast_line_forecast FOREIGN KEY(tenant_id, forecast) REFERENCES sales_forecast (tenant_id, id),
	CONSTRAINT fk_forecast_line_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES opportunity (tenant_id, id),
	CONSTRAINT ck_forecast_line_override_1 CHECK ("override" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_forecast_line_override_2 CHECK ("override" >= 0),
	CONSTRAINT ck_forecast_line_value_1 CHECK ("value" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_forecast_line_value_2 CHECK ("value" >= 0),
	CONSTRAINT ck_forecast_line_probability_1 CHECK ("probability" >= 0),
	CONSTRAINT ck_forecast_line_probability_2 CHECK ("probability" <= 10000),
	CONSTRAINT fk_forecast_line_status FOREIGN KEY(tenant_id, status) REFERENCES opportunity_status (tenant_id, code),
	CONSTRAINT fk_forecast_line_stage FOREIGN KEY(tenant_id, stage) REFERENCES stage (tenant_id, code),
	CONSTRAINT ck_forecast_line_category_1 CHECK ("category" IN ('pipeline', 'best_case', 'commit', 'omitted', '')),
	CONSTRAINT fk_forecast_line_account FOREIGN KEY(tenant_id, account) REFERENCES account (tenant_id, id)
);

CREATE INDEX ix_forecast_line_1 ON forecast_line (tenant_id, opportunity, id);

CREATE INDEX ix_forecast_line_2 ON forecast_line (tenant_id, status, id);

CREATE INDEX ix_forecast_line_3 ON forecast_line (tenant_id, stage, id);

CREATE INDEX ix_forecast_line_4 ON forecast_line (tenant_id, account, id) WHERE account IS NOT NULL;

CREATE TABLE opportunity_competitor (
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
	CONSTRAINT uq_opportunity_competitor_opportunity_competitor UNIQUE (tenant_id, opportunity, competitor),
	CONSTRAINT fk_opportunity_competitor_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES opportunity (tenant_id, id),
	CONSTRAINT fk_opportunity_competitor_competitor FOREIGN KEY(tenant_id, competitor) REFERENCES competitor (tenant_id, id)
);

CREATE INDEX ix_opportunity_competitor_1 ON opportunity_competitor (tenant_id, competitor, id);

CREATE TABLE opportunity_contact (
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
	CONSTRAINT uq_opportunity_contact_opportunity_sales_contact_role UNIQUE (tenant_id, opportunity, sales_contact, role),
	CONSTRAINT fk_opportunity_contact_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES opportunity (tenant_id, id),
	CONSTRAINT fk_opportunity_contact_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES sales_contact (tenant_id, id)
);

CREATE INDEX ix_opportunity_contact_1 ON opportunity_contact (tenant_id, sales_contact, id);

CREATE TABLE opportunity_item (
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
	CONSTRAINT fk_opportunity_item_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES opportunity (tenant_id, id),
	CONSTRAINT fk_opportunity_item_item FOREIGN KEY(tenant_id, item) REFERENCES item (tenant_id, id),
	CONSTRAINT ck_opportunity_item_price_1 CHECK ("price" >= 0)
);

CREATE INDEX ix_opportunity_item_1 ON opportunity_item (tenant_id, opportunity, id);

CREATE INDEX ix_opportunity_item_2 ON opportunity_item (tenant_id, item, id);

CREATE TABLE opportunity_task (
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
	CONSTRAINT uq_opportunity_task_opportunity_number UNIQUE (tenant_id, opportunity, number),
	CONSTRAINT fk_opportunity_task_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES opportunity (tenant_id, id),
	CONSTRAINT ck_opportunity_task_number_1 CHECK ("number" >= 0),
	CONSTRAINT fk_opportunity_task_type FOREIGN KEY(tenant_id, type) REFERENCES task_type (tenant_id, code),
	CONSTRAINT fk_opportunity_task_status FOREIGN KEY(tenant_id, status) REFERENCES task_status (tenant_id, code),
	CONSTRAINT fk_opportunity_task_priority FOREIGN KEY(tenant_id, priority) REFERENCES task_priority (tenant_id, code)
);

CREATE INDEX ix_opportunity_task_1 ON opportunity_task (tenant_id, due_on, id);

CREATE INDEX ix_opportunity_task_2 ON opportunity_task (tenant_id, owner_key, id);

CREATE INDEX ix_opportunity_task_3 ON opportunity_task (tenant_id, type, id);

CREATE INDEX ix_opportunity_task_4 ON opportunity_task (tenant_id, status, id);

CREATE INDEX ix_opportunity_task_5 ON opportunity_task (tenant_id, priority, id);

CREATE TABLE team_assignment (
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
	CONSTRAINT uq_team_assignment_target_holder_role UNIQUE (tenant_id, target, holder, role),
	CONSTRAINT fk_team_assignment_target_account FOREIGN KEY(tenant_id, target_account) REFERENCES account (tenant_id, id),
	CONSTRAINT fk_team_assignment_target_lead FOREIGN KEY(tenant_id, target_lead) REFERENCES lead (tenant_id, id),
	CONSTRAINT fk_team_assignment_target_opportunity FOREIGN KEY(tenant_id, target_opportunity) REFERENCES opportunity (tenant_id, id),
	CONSTRAINT ck_team_assignment_target_is_there CHECK ("target" IS NOT DISTINCT FROM COALESCE("target_account", "target_lead", "target_opportunity")),
	CONSTRAINT fk_team_assignment_holder_sales_team FOREIGN KEY(tenant_id, holder_sales_team) REFERENCES sales_team (tenant_id, id),
	CONSTRAINT fk_team_assignment_holder_salesperson FOREIGN KEY(tenant_id, holder_salesperson) REFERENCES salesperson (tenant_id, id),
	CONSTRAINT ck_team_assignment_holder_is_there CHECK ("holder" IS NOT DISTINCT FROM COALESCE("holder_sales_team", "holder_salesperson"))
);

CREATE INDEX ix_team_assignment_1 ON team_assignment (tenant_id, holder, id);

CREATE INDEX ix_team_assignment_holder_sales_team ON team_assignment (tenant_id, holder_sales_team) WHERE holder_sales_team IS NOT NULL;

CREATE INDEX ix_team_assignment_holder_salesperson ON team_assignment (tenant_id, holder_salesperson) WHERE holder_salesperson IS NOT NULL;

CREATE INDEX ix_team_assignment_target_account ON team_assignment (tenant_id, target_account) WHERE target_account IS NOT NULL;

CREATE INDEX ix_team_assignment_target_lead ON team_assignment (tenant_id, target_lead) WHERE target_lead IS NOT NULL;

CREATE INDEX ix_team_assignment_target_opportunity ON team_assignment (tenant_id, target_opportunity) WHERE target_opportunity IS NOT NULL;

CREATE TABLE estimate_line (
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
	CONSTRAINT fk_estimate_line_item FOREIGN KEY(tenant_id, item) REFERENCES item (tenant_id, id),
	CONSTRAINT ck_estimate_line_unit_price_1 CHECK ("unit_price" >= 0),
	CONSTRAINT ck_estimate_line_discount_1 CHECK ("discount" >= 0),
	CONSTRAINT ck_estimate_line_discount_2 CHECK ("discount" <= 10000),
	CONSTRAINT ck_estimate_line_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT fk_estimate_line_estimate FOREIGN KEY(tenant_id, estimate) REFERENCES estimate (tenant_id, id)
);

CREATE INDEX ix_estimate_line_1 ON estimate_line (tenant_id, estimate, id);

CREATE INDEX ix_estimate_line_2 ON estimate_line (tenant_id, item, id);

CREATE TABLE "order" (
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
	CONSTRAINT uq_order_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_order_customer FOREIGN KEY(tenant_id, customer, customer_kind) REFERENCES account (tenant_id, id, kind),
	CONSTRAINT ck_order_customer_kind CHECK ("customer_kind" = 'customer'),
	CONSTRAINT fk_order_estimate FOREIGN KEY(tenant_id, estimate) REFERENCES estimate (tenant_id, id),
	CONSTRAINT fk_order_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES opportunity (tenant_id, id),
	CONSTRAINT fk_order_lead FOREIGN KEY(tenant_id, lead) REFERENCES lead (tenant_id, id),
	CONSTRAINT fk_order_status FOREIGN KEY(tenant_id, status) REFERENCES order_status (tenant_id, code),
	CONSTRAINT fk_order_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES salesperson (tenant_id, id)
);

CREATE INDEX ix_order_1 ON "order" (tenant_id, customer, id);

CREATE INDEX ix_order_2 ON "order" (tenant_id, opportunity, id);

CREATE INDEX ix_order_3 ON "order" (tenant_id, estimate, id);

CREATE INDEX ix_order_4 ON "order" (tenant_id, lead, id);

CREATE INDEX ix_order_5 ON "order" (tenant_id, dated, id);

CREATE INDEX ix_order_6 ON "order" (tenant_id, status, id);

CREATE INDEX ix_order_7 ON "order" (tenant_id, salesperson, id) WHERE salesperson IS NOT NULL;

CREATE TABLE interaction (
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
	CONSTRAINT uq_interaction_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_interaction_subject_account FOREIGN KEY(tenant_id, subject_account) REFERENCES account (tenant_id, id),
	CONSTRAINT fk_interaction_subject_sales_contact FOREIGN KEY(tenant_id, subject_sales_contact) REFERENCES sales_contact (tenant_id, id),
	CONSTRAINT ck_interaction_subject_is_there CHECK ("subject" IS NOT DISTINCT FROM COALESCE("subject_account", "subject_sales_contact")),
	CONSTRAINT fk_interaction_topic FOREIGN KEY(tenant_id, topic) REFERENCES interaction_topic (tenant_id, code),
	CONSTRAINT fk_interaction_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES sales_contact (tenant_id, id),
	CONSTRAINT fk_interaction_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES salesperson (tenant_id, id),
	CONSTRAINT fk_interaction_reference_lead FOREIGN KEY(tenant_id, reference_lead) REFERENCES lead (tenant_id, id),
	CONSTRAINT fk_interaction_reference_opportunity FOREIGN KEY(tenant_id, reference_opportunity) REFERENCES opportunity (tenant_id, id),
	CONSTRAINT fk_interaction_reference_estimate FOREIGN KEY(tenant_id, reference_estimate) REFERENCES estimate (tenant_id, id),
	CONSTRAINT fk_interaction_reference_order FOREIGN KEY(tenant_id, reference_order) REFERENCES "order" (tenant_id, id),
	CONSTRAINT fk_interaction_reference_item FOREIGN KEY(tenant_id, reference_item) REFERENCES item (tenant_id, id),
	CONSTRAINT ck_interaction_reference_is_there CHECK ("reference" IS NOT DISTINCT FROM COALESCE("reference_lead", "reference_opportunity", "reference_estimate", "reference_order", "reference_item"))
);

CREATE INDEX ix_interaction_1 ON interaction (tenant_id, subject, id);

CREATE INDEX ix_interaction_2 ON interaction (tenant_id, sales_contact, id);

CREATE INDEX ix_interaction_3 ON interaction (tenant_id, salesperson, id);

CREATE INDEX ix_interaction_4 ON interaction (tenant_id, happened_at, id);

CREATE INDEX ix_interaction_5 ON interaction (tenant_id, follow_up_on, id);

CREATE INDEX ix_interaction_6 ON interaction (tenant_id, topic, id);

CREATE INDEX ix_interaction_7 ON interaction (tenant_id, reference, id) WHERE reference IS NOT NULL;

CREATE INDEX ix_interaction_reference_estimate ON interaction (tenant_id, reference_estimate) WHERE reference_estimate IS NOT NULL;

CREATE INDEX ix_interaction_reference_item ON interaction (tenant_id, reference_item) WHERE reference_item IS NOT NULL;

CREATE INDEX ix_interaction_reference_lead ON interaction (tenant_id, reference_lead) WHERE reference_lead IS NOT NULL;

CREATE INDEX ix_interaction_reference_opportunity ON interaction (tenant_id, reference_opportunity) WHERE reference_opportunity IS NOT NULL;

CREATE INDEX ix_interaction_reference_order ON interaction (tenant_id, reference_order) WHERE reference_order IS NOT NULL;

CREATE INDEX ix_interaction_subject_account ON interaction (tenant_id, subject_account) WHERE subject_account IS NOT NULL;

CREATE INDEX ix_interaction_subject_sales_contact ON interaction (tenant_id, subject_sales_contact) WHERE subject_sales_contact IS NOT NULL;

CREATE TABLE order_line (
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
	CONSTRAINT fk_order_line_item FOREIGN KEY(tenant_id, item) REFERENCES item (tenant_id, id),
	CONSTRAINT ck_order_line_unit_price_1 CHECK ("unit_price" >= 0),
	CONSTRAINT ck_order_line_discount_1 CHECK ("discount" >= 0),
	CONSTRAINT ck_order_line_discount_2 CHECK ("discount" <= 10000),
	CONSTRAINT ck_order_line_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT fk_order_line_order FOREIGN KEY(tenant_id, "order") REFERENCES "order" (tenant_id, id)
);

CREATE INDEX ix_order_line_1 ON order_line (tenant_id, "order", id);

CREATE INDEX ix_order_line_2 ON order_line (tenant_id, item, id);

CREATE TABLE announcement (
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
	CONSTRAINT uq_announcement_target_event_due_on UNIQUE (tenant_id, target, event, due_on),
	CONSTRAINT fk_announcement_target_opportunity_task FOREIGN KEY(tenant_id, target_opportunity_task) REFERENCES opportunity_task (tenant_id, id),
	CONSTRAINT fk_announcement_target_lead FOREIGN KEY(tenant_id, target_lead) REFERENCES lead (tenant_id, id),
	CONSTRAINT fk_announcement_target_opportunity FOREIGN KEY(tenant_id, target_opportunity) REFERENCES opportunity (tenant_id, id),
	CONSTRAINT fk_announcement_target_interaction FOREIGN KEY(tenant_id, target_interaction) REFERENCES interaction (tenant_id, id),
	CONSTRAINT ck_announcement_target_is_there CHECK ("target" IS NOT DISTINCT FROM COALESCE("target_opportunity_task", "target_lead", "target_opportunity", "target_interaction"))
);

CREATE INDEX ix_announcement_target_interaction ON announcement (tenant_id, target_interaction) WHERE target_interaction IS NOT NULL;

CREATE INDEX ix_announcement_target_lead ON announcement (tenant_id, target_lead) WHERE target_lead IS NOT NULL;

CREATE INDEX ix_announcement_target_opportunity ON announcement (tenant_id, target_opportunity) WHERE target_opportunity IS NOT NULL;

CREATE INDEX ix_announcement_target_opportunity_task ON announcement (tenant_id, target_opportunity_task) WHERE target_opportunity_task IS NOT NULL;

CREATE TABLE conversation_entry (
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
	CONSTRAINT fk_conversation_entry_interaction FOREIGN KEY(tenant_id, interaction) REFERENCES interaction (tenant_id, id),
	CONSTRAINT ck_conversation_entry_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_conversation_entry_position_2 CHECK ("position" <= 1000000)
);

CREATE INDEX ix_conversation_entry_1 ON conversation_entry (tenant_id, interaction, id);

