CREATE TABLE "{prefix}account_history" (
	tenant_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	name TEXT NOT NULL,
	name_key TEXT,
	name_match TEXT,
	legal_name TEXT NOT NULL,
	legal_name_key TEXT,
	legal_name_match TEXT,
	tax_number TEXT NOT NULL,
	tax_number_key TEXT,
	tax_number_match TEXT,
	address TEXT,
	address_city_key TEXT,
	address_country_key TEXT,
	phone TEXT,
	phone_purpose TEXT,
	phone_key TEXT,
	phone_match TEXT,
	email TEXT,
	email_purpose TEXT,
	email_key TEXT,
	email_match TEXT,
	web TEXT NOT NULL,
	web_match TEXT,
	territory BLOB,
	salesperson BLOB,
	sic_code TEXT NOT NULL,
	sic_code_key TEXT,
	company_revenue INTEGER,
	company_revenue_currency TEXT,
	employees INTEGER,
	currency TEXT NOT NULL,
	notes TEXT NOT NULL,
	prospect_number TEXT,
	prospect_number_key TEXT,
	customer_number TEXT,
	customer_number_key TEXT,
	credit_hold INTEGER,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}account_history_1 ON "{prefix}account_history" (tenant_id, kind, name_key, id, until, recorded_at);

CREATE INDEX ix_{prefix}account_history_2 ON "{prefix}account_history" (tenant_id, territory, kind, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE INDEX ix_{prefix}account_history_3 ON "{prefix}account_history" (tenant_id, salesperson, kind, id, until, recorded_at) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}account_history_4 ON "{prefix}account_history" (tenant_id, kind, until, recorded_at);

CREATE TABLE "{prefix}announcement_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	target BLOB NOT NULL,
	target_opportunity_task BLOB,
	target_lead BLOB,
	target_opportunity BLOB,
	target_interaction BLOB,
	event TEXT NOT NULL,
	due_on TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}announcement_history_1 ON "{prefix}announcement_history" (tenant_id, target, id, until, recorded_at);

CREATE INDEX ix_{prefix}announcement_history_2 ON "{prefix}announcement_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}campaign_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	type TEXT,
	status TEXT,
	owner TEXT NOT NULL,
	starts_on TEXT,
	ends_on TEXT,
	budget INTEGER,
	budget_currency TEXT,
	actual_cost INTEGER,
	actual_cost_currency TEXT,
	audience_size INTEGER,
	expected_responses INTEGER,
	expected_revenue INTEGER,
	expected_revenue_currency TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}campaign_history_1 ON "{prefix}campaign_history" (tenant_id, starts_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}campaign_history_2 ON "{prefix}campaign_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}campaign_item_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	campaign BLOB NOT NULL,
	item BLOB NOT NULL,
	note TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}campaign_item_history_1 ON "{prefix}campaign_item_history" (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_{prefix}campaign_item_history_2 ON "{prefix}campaign_item_history" (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_{prefix}campaign_item_history_3 ON "{prefix}campaign_item_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}campaign_member_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	campaign BLOB NOT NULL,
	member BLOB NOT NULL,
	member_sales_contact BLOB,
	member_lead BLOB,
	status TEXT,
	responded_on TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}campaign_member_history_1 ON "{prefix}campaign_member_history" (tenant_id, member, id, until, recorded_at);

CREATE INDEX ix_{prefix}campaign_member_history_2 ON "{prefix}campaign_member_history" (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_{prefix}campaign_member_history_3 ON "{prefix}campaign_member_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}campaign_member_status" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_member_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}campaign_member_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_campaign_member_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_campaign_member_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_campaign_member_status_category_1 CHECK ("category" IN ('sent', 'responded'))
)
 STRICT;

CREATE TABLE "{prefix}campaign_member_status_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}campaign_member_status_history_1 ON "{prefix}campaign_member_status_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}campaign_status" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}campaign_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_campaign_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_campaign_status_position_2 CHECK ("position" <= 1000000)
)
 STRICT;

CREATE TABLE "{prefix}campaign_status_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}campaign_status_history_1 ON "{prefix}campaign_status_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}campaign_type" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_type_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}campaign_type_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_campaign_type_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_campaign_type_position_2 CHECK ("position" <= 1000000)
)
 STRICT;

CREATE TABLE "{prefix}campaign_type_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}campaign_type_history_1 ON "{prefix}campaign_type_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}competitor" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	name TEXT NOT NULL,
	name_key TEXT,
	contact_person TEXT NOT NULL,
	contact_person_key TEXT,
	address TEXT,
	address_city_key TEXT,
	address_country_key TEXT,
	phone TEXT,
	phone_purpose TEXT,
	phone_key TEXT,
	email TEXT,
	email_purpose TEXT,
	email_key TEXT,
	web TEXT NOT NULL,
	company_revenue INTEGER,
	company_revenue_currency TEXT,
	employees INTEGER,
	strengths TEXT NOT NULL,
	weaknesses TEXT NOT NULL,
	notes TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}competitor_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT ck_competitor_company_revenue_1 CHECK ("company_revenue" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_competitor_company_revenue_2 CHECK ("company_revenue" >= 0),
	CONSTRAINT ck_competitor_employees_1 CHECK ("employees" >= 0),
	CONSTRAINT ck_competitor_employees_2 CHECK ("employees" <= 1000000000)
)
 STRICT;

CREATE TABLE "{prefix}competitor_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	name TEXT NOT NULL,
	name_key TEXT,
	contact_person TEXT NOT NULL,
	contact_person_key TEXT,
	address TEXT,
	address_city_key TEXT,
	address_country_key TEXT,
	phone TEXT,
	phone_purpose TEXT,
	phone_key TEXT,
	email TEXT,
	email_purpose TEXT,
	email_key TEXT,
	web TEXT NOT NULL,
	company_revenue INTEGER,
	company_revenue_currency TEXT,
	employees INTEGER,
	strengths TEXT NOT NULL,
	weaknesses TEXT NOT NULL,
	notes TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}competitor_history_1 ON "{prefix}competitor_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}contact_account_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	sales_contact BLOB NOT NULL,
	account BLOB NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}contact_account_history_1 ON "{prefix}contact_account_history" (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_account_history_2 ON "{prefix}contact_account_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_account_history_3 ON "{prefix}contact_account_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}contact_email_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	sales_contact BLOB NOT NULL,
	position INTEGER NOT NULL,
	email TEXT NOT NULL,
	email_purpose TEXT NOT NULL,
	email_key TEXT NOT NULL,
	email_match TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}contact_email_history_1 ON "{prefix}contact_email_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_email_history_2 ON "{prefix}contact_email_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}contact_phone_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	sales_contact BLOB NOT NULL,
	position INTEGER NOT NULL,
	phone TEXT NOT NULL,
	phone_purpose TEXT NOT NULL,
	phone_key TEXT NOT NULL,
	phone_match TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}contact_phone_history_1 ON "{prefix}contact_phone_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_phone_history_2 ON "{prefix}contact_phone_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}contact_salesperson_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	sales_contact BLOB NOT NULL,
	salesperson BLOB NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}contact_salesperson_history_1 ON "{prefix}contact_salesperson_history" (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_salesperson_history_2 ON "{prefix}contact_salesperson_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}contact_salesperson_history_3 ON "{prefix}contact_salesperson_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}conversation_entry_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	interaction BLOB NOT NULL,
	position INTEGER NOT NULL,
	text TEXT NOT NULL,
	internal INTEGER NOT NULL,
	incoming INTEGER NOT NULL,
	channel TEXT NOT NULL,
	"by" TEXT NOT NULL,
	at INTEGER,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}conversation_entry_history_1 ON "{prefix}conversation_entry_history" (tenant_id, interaction, id, until, recorded_at);

CREATE INDEX ix_{prefix}conversation_entry_history_2 ON "{prefix}conversation_entry_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}conversion" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	account BLOB NOT NULL,
	prospect_number TEXT NOT NULL,
	customer_number TEXT NOT NULL,
	customer_version INTEGER NOT NULL,
	given TEXT,
	carried TEXT,
	opportunity BLOB,
	prospect BLOB,
	merge BLOB,
	policy TEXT NOT NULL,
	request_key TEXT NOT NULL,
	request_key_key TEXT,
	request TEXT NOT NULL,
	converted_by TEXT NOT NULL,
	converted_at INTEGER,
	undone_by TEXT NOT NULL,
	undone_at INTEGER,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}conversion_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT uq_{prefix}conversion_request_key_key UNIQUE (tenant_id, request_key_key)
)
 STRICT;

CREATE INDEX ix_{prefix}conversion_1 ON "{prefix}conversion" (tenant_id, account, id);

CREATE INDEX ix_{prefix}conversion_2 ON "{prefix}conversion" (tenant_id, undone_at, id) WHERE undone_at IS NOT NULL;

CREATE TABLE "{prefix}conversion_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	account BLOB NOT NULL,
	prospect_number TEXT NOT NULL,
	customer_number TEXT NOT NULL,
	customer_version INTEGER NOT NULL,
	given TEXT,
	carried TEXT,
	opportunity BLOB,
	prospect BLOB,
	merge BLOB,
	policy TEXT NOT NULL,
	request_key TEXT NOT NULL,
	request_key_key TEXT,
	request TEXT NOT NULL,
	converted_by TEXT NOT NULL,
	converted_at INTEGER,
	undone_by TEXT NOT NULL,
	undone_at INTEGER,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}conversion_history_1 ON "{prefix}conversion_history" (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_{prefix}conversion_history_2 ON "{prefix}conversion_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}crmkit_schema" (
	version_num TEXT NOT NULL,
	PRIMARY KEY (version_num)
)
 STRICT;

CREATE TABLE "{prefix}estimate_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	currency TEXT NOT NULL,
	number TEXT NOT NULL,
	number_key TEXT,
	account BLOB NOT NULL,
	lead BLOB,
	opportunity BLOB,
	status TEXT,
	salesperson BLOB,
	taken_by TEXT NOT NULL,
	dated TEXT,
	projected_date TEXT,
	valid_until TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}estimate_history_1 ON "{prefix}estimate_history" (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_history_2 ON "{prefix}estimate_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_history_3 ON "{prefix}estimate_history" (tenant_id, lead, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_history_4 ON "{prefix}estimate_history" (tenant_id, dated, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_history_5 ON "{prefix}estimate_history" (tenant_id, salesperson, id, until, recorded_at) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}estimate_history_6 ON "{prefix}estimate_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}estimate_line_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	position INTEGER NOT NULL,
	item BLOB,
	description TEXT NOT NULL,
	quantity INTEGER NOT NULL,
	unit_price INTEGER NOT NULL,
	discount INTEGER NOT NULL,
	amount INTEGER,
	amount_currency TEXT,
	estimate BLOB NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}estimate_line_history_1 ON "{prefix}estimate_line_history" (tenant_id, estimate, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_line_history_2 ON "{prefix}estimate_line_history" (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_{prefix}estimate_line_history_3 ON "{prefix}estimate_line_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}estimate_status" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}estimate_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}estimate_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_estimate_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_estimate_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_estimate_status_category_1 CHECK ("category" IN ('open', 'accepted', 'declined'))
)
 STRICT;

CREATE TABLE "{prefix}estimate_status_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}estimate_status_history_1 ON "{prefix}estimate_status_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}exchange_rate" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	from_currency TEXT NOT NULL,
	to_currency TEXT NOT NULL,
	day TEXT NOT NULL,
	rate INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}exchange_rate_from_currency_to_currency_day UNIQUE (tenant_id, from_currency, to_currency, day)
)
 STRICT;

CREATE TABLE "{prefix}exchange_rate_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	from_currency TEXT NOT NULL,
	to_currency TEXT NOT NULL,
	day TEXT NOT NULL,
	rate INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}exchange_rate_history_1 ON "{prefix}exchange_rate_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}forecast_adjustment_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	forecast BLOB NOT NULL,
	"by" TEXT NOT NULL,
	at INTEGER,
	amount INTEGER,
	amount_currency TEXT,
	difference INTEGER,
	difference_currency TEXT,
	note TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}forecast_adjustment_history_1 ON "{prefix}forecast_adjustment_history" (tenant_id, forecast, id, until, recorded_at);

CREATE INDEX ix_{prefix}forecast_adjustment_history_2 ON "{prefix}forecast_adjustment_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}forecast_line_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	forecast BLOB NOT NULL,
	opportunity BLOB NOT NULL,
	override INTEGER,
	override_currency TEXT,
	note TEXT NOT NULL,
	value INTEGER,
	value_currency TEXT,
	probability INTEGER,
	close_date TEXT,
	status TEXT,
	stage TEXT,
	category TEXT NOT NULL,
	account BLOB,
	rate INTEGER,
	override_rate INTEGER,
	own INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}forecast_line_history_1 ON "{prefix}forecast_line_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}forecast_line_history_2 ON "{prefix}forecast_line_history" (tenant_id, forecast, id, until, recorded_at);

CREATE INDEX ix_{prefix}forecast_line_history_3 ON "{prefix}forecast_line_history" (tenant_id, account, id, until, recorded_at) WHERE account IS NOT NULL;

CREATE INDEX ix_{prefix}forecast_line_history_4 ON "{prefix}forecast_line_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}forecast_snapshot" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	name TEXT NOT NULL,
	name_key TEXT,
	taken_at INTEGER,
	"by" TEXT NOT NULL,
	periods TEXT NOT NULL,
	currency TEXT NOT NULL,
	figures TEXT,
	PRIMARY KEY (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}forecast_snapshot_1 ON "{prefix}forecast_snapshot" (tenant_id, taken_at, id);

CREATE TABLE "{prefix}forecast_snapshot_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	name TEXT NOT NULL,
	name_key TEXT,
	taken_at INTEGER,
	"by" TEXT NOT NULL,
	periods TEXT NOT NULL,
	currency TEXT NOT NULL,
	figures TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}forecast_snapshot_history_1 ON "{prefix}forecast_snapshot_history" (tenant_id, taken_at, id, until, recorded_at);

CREATE INDEX ix_{prefix}forecast_snapshot_history_2 ON "{prefix}forecast_snapshot_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}interaction_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	subject BLOB NOT NULL,
	subject_account BLOB,
	subject_sales_contact BLOB,
	topic TEXT,
	description TEXT NOT NULL,
	happened_at INTEGER,
	follow_up_on TEXT,
	follow_up_done INTEGER NOT NULL,
	contact_name TEXT NOT NULL,
	contact_name_key TEXT,
	contact_phone TEXT,
	contact_phone_purpose TEXT,
	contact_phone_key TEXT,
	sales_contact BLOB,
	salesperson BLOB,
	reference BLOB,
	reference_lead BLOB,
	reference_opportunity BLOB,
	reference_estimate BLOB,
	reference_order BLOB,
	reference_item BLOB,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}interaction_history_1 ON "{prefix}interaction_history" (tenant_id, subject, id, until, recorded_at);

CREATE INDEX ix_{prefix}interaction_history_2 ON "{prefix}interaction_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}interaction_history_3 ON "{prefix}interaction_history" (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_{prefix}interaction_history_4 ON "{prefix}interaction_history" (tenant_id, happened_at, id, until, recorded_at);

CREATE INDEX ix_{prefix}interaction_history_5 ON "{prefix}interaction_history" (tenant_id, follow_up_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}interaction_history_6 ON "{prefix}interaction_history" (tenant_id, reference, id, until, recorded_at) WHERE reference IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_history_7 ON "{prefix}interaction_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}interaction_topic" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}interaction_topic_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}interaction_topic_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_interaction_topic_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_interaction_topic_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_interaction_topic_category_1 CHECK ("category" IN ('prospect', 'customer', 'sales contact'))
)
 STRICT;

CREATE TABLE "{prefix}interaction_topic_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}interaction_topic_history_1 ON "{prefix}interaction_topic_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}item" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	unit_price INTEGER,
	currency TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}item_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT ck_item_unit_price_1 CHECK ("unit_price" >= 0)
)
 STRICT;

CREATE TABLE "{prefix}item_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	unit_price INTEGER,
	currency TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}item_history_1 ON "{prefix}item_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}lead_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	account BLOB NOT NULL,
	status TEXT,
	source TEXT,
	quality TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	sales_contact BLOB,
	salesperson BLOB,
	territory BLOB,
	campaign BLOB,
	received_on TEXT,
	next_step TEXT NOT NULL,
	follow_up_on TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}lead_history_1 ON "{prefix}lead_history" (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_{prefix}lead_history_2 ON "{prefix}lead_history" (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_{prefix}lead_history_3 ON "{prefix}lead_history" (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_{prefix}lead_history_4 ON "{prefix}lead_history" (tenant_id, follow_up_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}lead_history_5 ON "{prefix}lead_history" (tenant_id, sales_contact, id, until, recorded_at) WHERE sales_contact IS NOT NULL;

CREATE INDEX ix_{prefix}lead_history_6 ON "{prefix}lead_history" (tenant_id, territory, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE INDEX ix_{prefix}lead_history_7 ON "{prefix}lead_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}lead_quality" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}lead_quality_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}lead_quality_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_lead_quality_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_lead_quality_position_2 CHECK ("position" <= 1000000)
)
 STRICT;

CREATE TABLE "{prefix}lead_quality_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}lead_quality_history_1 ON "{prefix}lead_quality_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}lead_status" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}lead_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}lead_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_lead_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_lead_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_lead_status_category_1 CHECK ("category" IN ('open', 'qualified', 'disqualified'))
)
 STRICT;

CREATE TABLE "{prefix}lead_status_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}lead_status_history_1 ON "{prefix}lead_status_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}lost_reason" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}lost_reason_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}lost_reason_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_lost_reason_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_lost_reason_position_2 CHECK ("position" <= 1000000)
)
 STRICT;

CREATE TABLE "{prefix}lost_reason_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}lost_reason_history_1 ON "{prefix}lost_reason_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}merge" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	absorbed_kind TEXT NOT NULL,
	absorbed BLOB NOT NULL,
	survivor BLOB NOT NULL,
	absorbed_number TEXT NOT NULL,
	absorbed_number_key TEXT,
	other_number TEXT NOT NULL,
	other_number_key TEXT,
	absorbed_version INTEGER NOT NULL,
	survivor_version INTEGER NOT NULL,
	moved TEXT,
	dropped TEXT,
	adjusted TEXT,
	chosen TEXT,
	conversion BLOB,
	merged_by TEXT NOT NULL,
	merged_at INTEGER,
	undone_by TEXT NOT NULL,
	undone_at INTEGER,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}merge_number_key UNIQUE (tenant_id, number_key)
)
 STRICT;

CREATE INDEX ix_{prefix}merge_1 ON "{prefix}merge" (tenant_id, absorbed, id);

CREATE INDEX ix_{prefix}merge_2 ON "{prefix}merge" (tenant_id, survivor, id);

CREATE INDEX ix_{prefix}merge_3 ON "{prefix}merge" (tenant_id, absorbed_number_key, id);

CREATE INDEX ix_{prefix}merge_4 ON "{prefix}merge" (tenant_id, other_number_key, id);

CREATE INDEX ix_{prefix}merge_5 ON "{prefix}merge" (tenant_id, conversion, id);

CREATE TABLE "{prefix}merge_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	absorbed_kind TEXT NOT NULL,
	absorbed BLOB NOT NULL,
	survivor BLOB NOT NULL,
	absorbed_number TEXT NOT NULL,
	absorbed_number_key TEXT,
	other_number TEXT NOT NULL,
	other_number_key TEXT,
	absorbed_version INTEGER NOT NULL,
	survivor_version INTEGER NOT NULL,
	moved TEXT,
	dropped TEXT,
	adjusted TEXT,
	chosen TEXT,
	conversion BLOB,
	merged_by TEXT NOT NULL,
	merged_at INTEGER,
	undone_by TEXT NOT NULL,
	undone_at INTEGER,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}merge_history_1 ON "{prefix}merge_history" (tenant_id, absorbed, id, until, recorded_at);

CREATE INDEX ix_{prefix}merge_history_2 ON "{prefix}merge_history" (tenant_id, survivor, id, until, recorded_at);

CREATE INDEX ix_{prefix}merge_history_3 ON "{prefix}merge_history" (tenant_id, absorbed_number_key, id, until, recorded_at);

CREATE INDEX ix_{prefix}merge_history_4 ON "{prefix}merge_history" (tenant_id, other_number_key, id, until, recorded_at);

CREATE INDEX ix_{prefix}merge_history_5 ON "{prefix}merge_history" (tenant_id, conversion, id, until, recorded_at);

CREATE INDEX ix_{prefix}merge_history_6 ON "{prefix}merge_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}note" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	target BLOB NOT NULL,
	text TEXT NOT NULL,
	author TEXT NOT NULL,
	at INTEGER,
	PRIMARY KEY (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}note_1 ON "{prefix}note" (tenant_id, target, id);

CREATE TABLE "{prefix}note_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	target BLOB NOT NULL,
	text TEXT NOT NULL,
	author TEXT NOT NULL,
	at INTEGER,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}note_history_1 ON "{prefix}note_history" (tenant_id, target, id, until, recorded_at);

CREATE INDEX ix_{prefix}note_history_2 ON "{prefix}note_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}number_counter" (
	tenant_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	scope TEXT NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, kind, scope)
)
 STRICT;

CREATE TABLE "{prefix}opportunity_competitor_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	opportunity BLOB NOT NULL,
	competitor BLOB NOT NULL,
	won_by INTEGER NOT NULL,
	note TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}opportunity_competitor_history_1 ON "{prefix}opportunity_competitor_history" (tenant_id, competitor, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_competitor_history_2 ON "{prefix}opportunity_competitor_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_competitor_history_3 ON "{prefix}opportunity_competitor_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}opportunity_contact_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	opportunity BLOB NOT NULL,
	sales_contact BLOB NOT NULL,
	role TEXT NOT NULL,
	"primary" INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}opportunity_contact_history_1 ON "{prefix}opportunity_contact_history" (tenant_id, sales_contact, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_contact_history_2 ON "{prefix}opportunity_contact_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_contact_history_3 ON "{prefix}opportunity_contact_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}opportunity_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	account BLOB NOT NULL,
	status TEXT,
	stage TEXT,
	source TEXT,
	lead BLOB,
	campaign BLOB,
	estimated_value INTEGER,
	estimated_value_currency TEXT,
	probability INTEGER,
	projected_close TEXT,
	closed_on TEXT,
	salesperson BLOB,
	territory BLOB,
	won_reason TEXT,
	lost_reason TEXT,
	forecast_category TEXT NOT NULL,
	next_step TEXT NOT NULL,
	follow_up_on TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}opportunity_history_1 ON "{prefix}opportunity_history" (tenant_id, account, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_10 ON "{prefix}opportunity_history" (tenant_id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_2 ON "{prefix}opportunity_history" (tenant_id, lead, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_3 ON "{prefix}opportunity_history" (tenant_id, campaign, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_4 ON "{prefix}opportunity_history" (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_5 ON "{prefix}opportunity_history" (tenant_id, stage, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_6 ON "{prefix}opportunity_history" (tenant_id, projected_close, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_7 ON "{prefix}opportunity_history" (tenant_id, estimated_value, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_8 ON "{prefix}opportunity_history" (tenant_id, follow_up_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_history_9 ON "{prefix}opportunity_history" (tenant_id, territory, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE TABLE "{prefix}opportunity_item_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	opportunity BLOB NOT NULL,
	item BLOB NOT NULL,
	quantity INTEGER NOT NULL,
	price INTEGER,
	comment TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}opportunity_item_history_1 ON "{prefix}opportunity_item_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_item_history_2 ON "{prefix}opportunity_item_history" (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_item_history_3 ON "{prefix}opportunity_item_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}opportunity_status" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}opportunity_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}opportunity_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_opportunity_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_opportunity_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_opportunity_status_category_1 CHECK ("category" IN ('open', 'won', 'lost'))
)
 STRICT;

CREATE TABLE "{prefix}opportunity_status_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}opportunity_status_history_1 ON "{prefix}opportunity_status_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}opportunity_task_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	opportunity BLOB NOT NULL,
	number INTEGER NOT NULL,
	description TEXT NOT NULL,
	description_key TEXT,
	type TEXT,
	status TEXT,
	owner TEXT NOT NULL,
	owner_key TEXT,
	priority TEXT,
	due_on TEXT,
	required INTEGER NOT NULL,
	completed_on TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}opportunity_task_history_1 ON "{prefix}opportunity_task_history" (tenant_id, due_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_task_history_2 ON "{prefix}opportunity_task_history" (tenant_id, owner_key, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_task_history_3 ON "{prefix}opportunity_task_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}opportunity_task_history_4 ON "{prefix}opportunity_task_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}order_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	currency TEXT NOT NULL,
	number TEXT NOT NULL,
	number_key TEXT,
	customer BLOB NOT NULL,
	customer_kind TEXT NOT NULL,
	estimate BLOB,
	opportunity BLOB,
	lead BLOB,
	status TEXT,
	salesperson BLOB,
	taken_by TEXT NOT NULL,
	purchase_order TEXT NOT NULL,
	dated TEXT,
	projected_date TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}order_history_1 ON "{prefix}order_history" (tenant_id, customer, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_history_2 ON "{prefix}order_history" (tenant_id, opportunity, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_history_3 ON "{prefix}order_history" (tenant_id, estimate, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_history_4 ON "{prefix}order_history" (tenant_id, lead, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_history_5 ON "{prefix}order_history" (tenant_id, dated, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_history_6 ON "{prefix}order_history" (tenant_id, salesperson, id, until, recorded_at) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}order_history_7 ON "{prefix}order_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}order_line_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	position INTEGER NOT NULL,
	item BLOB,
	description TEXT NOT NULL,
	quantity INTEGER NOT NULL,
	unit_price INTEGER NOT NULL,
	discount INTEGER NOT NULL,
	amount INTEGER,
	amount_currency TEXT,
	"order" BLOB NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}order_line_history_1 ON "{prefix}order_line_history" (tenant_id, "order", id, until, recorded_at);

CREATE INDEX ix_{prefix}order_line_history_2 ON "{prefix}order_line_history" (tenant_id, item, id, until, recorded_at);

CREATE INDEX ix_{prefix}order_line_history_3 ON "{prefix}order_line_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}order_status" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}order_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}order_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_order_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_order_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_order_status_category_1 CHECK ("category" IN ('open', 'done', 'cancelled'))
)
 STRICT;

CREATE TABLE "{prefix}order_status_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}order_status_history_1 ON "{prefix}order_status_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}quota_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	owner BLOB NOT NULL,
	owner_salesperson BLOB,
	owner_sales_team BLOB,
	owner_territory BLOB,
	period BLOB NOT NULL,
	amount INTEGER NOT NULL,
	amount_currency TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}quota_history_1 ON "{prefix}quota_history" (tenant_id, period, id, until, recorded_at);

CREATE INDEX ix_{prefix}quota_history_2 ON "{prefix}quota_history" (tenant_id, owner, id, until, recorded_at);

CREATE INDEX ix_{prefix}quota_history_3 ON "{prefix}quota_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}sales_contact" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	given_name TEXT NOT NULL,
	given_name_key TEXT,
	family_name TEXT NOT NULL,
	family_name_key TEXT,
	company TEXT NOT NULL,
	company_key TEXT,
	job_title TEXT NOT NULL,
	addresses TEXT,
	birthday TEXT,
	notes TEXT NOT NULL,
	categories TEXT,
	preferences TEXT,
	extra TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}sales_contact_number_key UNIQUE (tenant_id, number_key)
)
 STRICT;

CREATE TABLE "{prefix}sales_contact_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	given_name TEXT NOT NULL,
	given_name_key TEXT,
	family_name TEXT NOT NULL,
	family_name_key TEXT,
	company TEXT NOT NULL,
	company_key TEXT,
	job_title TEXT NOT NULL,
	addresses TEXT,
	birthday TEXT,
	notes TEXT NOT NULL,
	categories TEXT,
	preferences TEXT,
	extra TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}sales_contact_history_1 ON "{prefix}sales_contact_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}sales_forecast_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	owner BLOB NOT NULL,
	owner_salesperson BLOB,
	owner_sales_team BLOB,
	period BLOB NOT NULL,
	currency TEXT NOT NULL,
	status TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}sales_forecast_history_1 ON "{prefix}sales_forecast_history" (tenant_id, period, id, until, recorded_at);

CREATE INDEX ix_{prefix}sales_forecast_history_2 ON "{prefix}sales_forecast_history" (tenant_id, owner, id, until, recorded_at);

CREATE INDEX ix_{prefix}sales_forecast_history_3 ON "{prefix}sales_forecast_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}sales_period" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	description TEXT NOT NULL,
	kind TEXT NOT NULL,
	starts_on TEXT NOT NULL,
	ends_on TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}sales_period_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT ck_sales_period_kind_1 CHECK ("kind" IN ('month', 'quarter', 'year', 'other'))
)
 STRICT;

CREATE INDEX ix_{prefix}sales_period_1 ON "{prefix}sales_period" (tenant_id, kind, starts_on, id);

CREATE TABLE "{prefix}sales_period_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	description TEXT NOT NULL,
	kind TEXT NOT NULL,
	starts_on TEXT NOT NULL,
	ends_on TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}sales_period_history_1 ON "{prefix}sales_period_history" (tenant_id, kind, starts_on, id, until, recorded_at);

CREATE INDEX ix_{prefix}sales_period_history_2 ON "{prefix}sales_period_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}sales_team_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	name TEXT NOT NULL,
	name_key TEXT,
	leader BLOB,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}sales_team_history_1 ON "{prefix}sales_team_history" (tenant_id, leader, id, until, recorded_at) WHERE leader IS NOT NULL;

CREATE INDEX ix_{prefix}sales_team_history_2 ON "{prefix}sales_team_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}sales_team_member_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	team BLOB NOT NULL,
	salesperson BLOB NOT NULL,
	role TEXT NOT NULL,
	starts_on TEXT,
	ends_on TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}sales_team_member_history_1 ON "{prefix}sales_team_member_history" (tenant_id, salesperson, id, until, recorded_at);

CREATE INDEX ix_{prefix}sales_team_member_history_2 ON "{prefix}sales_team_member_history" (tenant_id, team, id, until, recorded_at);

CREATE INDEX ix_{prefix}sales_team_member_history_3 ON "{prefix}sales_team_member_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}salesperson_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	name TEXT NOT NULL,
	name_key TEXT,
	manager BLOB,
	territory BLOB,
	user TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}salesperson_history_1 ON "{prefix}salesperson_history" (tenant_id, manager, id, until, recorded_at) WHERE manager IS NOT NULL;

CREATE INDEX ix_{prefix}salesperson_history_2 ON "{prefix}salesperson_history" (tenant_id, territory, id, until, recorded_at) WHERE territory IS NOT NULL;

CREATE INDEX ix_{prefix}salesperson_history_3 ON "{prefix}salesperson_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}ship_to_address_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	customer BLOB NOT NULL,
	customer_kind TEXT NOT NULL,
	code TEXT NOT NULL,
	name TEXT NOT NULL,
	name_key TEXT,
	address TEXT NOT NULL,
	phone TEXT,
	phone_purpose TEXT,
	phone_key TEXT,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}ship_to_address_history_1 ON "{prefix}ship_to_address_history" (tenant_id, customer, id, until, recorded_at);

CREATE INDEX ix_{prefix}ship_to_address_history_2 ON "{prefix}ship_to_address_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}source" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}source_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}source_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_source_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_source_position_2 CHECK ("position" <= 1000000)
)
 STRICT;

CREATE TABLE "{prefix}source_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}source_history_1 ON "{prefix}source_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}stage" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	probability INTEGER,
	forecast_category TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}stage_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}stage_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_stage_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_stage_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_stage_probability_1 CHECK ("probability" >= 0),
	CONSTRAINT ck_stage_probability_2 CHECK ("probability" <= 10000),
	CONSTRAINT ck_stage_forecast_category_1 CHECK ("forecast_category" IN ('pipeline', 'best_case', 'commit', 'omitted', ''))
)
 STRICT;

CREATE TABLE "{prefix}stage_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	probability INTEGER,
	forecast_category TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}stage_history_1 ON "{prefix}stage_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}task_priority" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}task_priority_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}task_priority_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_task_priority_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_task_priority_position_2 CHECK ("position" <= 1000000)
)
 STRICT;

CREATE TABLE "{prefix}task_priority_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}task_priority_history_1 ON "{prefix}task_priority_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}task_status" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}task_status_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}task_status_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_task_status_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_task_status_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT ck_task_status_category_1 CHECK ("category" IN ('open', 'done'))
)
 STRICT;

CREATE TABLE "{prefix}task_status_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	category TEXT NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}task_status_history_1 ON "{prefix}task_status_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}task_type" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}task_type_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}task_type_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_task_type_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_task_type_position_2 CHECK ("position" <= 1000000)
)
 STRICT;

CREATE TABLE "{prefix}task_type_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}task_type_history_1 ON "{prefix}task_type_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}team_assignment_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	target BLOB NOT NULL,
	target_account BLOB,
	target_lead BLOB,
	target_opportunity BLOB,
	holder BLOB NOT NULL,
	holder_sales_team BLOB,
	holder_salesperson BLOB,
	role TEXT NOT NULL,
	"primary" INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}team_assignment_history_1 ON "{prefix}team_assignment_history" (tenant_id, holder, id, until, recorded_at);

CREATE INDEX ix_{prefix}team_assignment_history_2 ON "{prefix}team_assignment_history" (tenant_id, target, id, until, recorded_at);

CREATE INDEX ix_{prefix}team_assignment_history_3 ON "{prefix}team_assignment_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}territory" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	parent BLOB,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}territory_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT fk_{prefix}territory_parent FOREIGN KEY(tenant_id, parent) REFERENCES "{prefix}territory" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}territory_1 ON "{prefix}territory" (tenant_id, parent, id) WHERE parent IS NOT NULL;

CREATE TABLE "{prefix}territory_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	parent BLOB,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}territory_history_1 ON "{prefix}territory_history" (tenant_id, parent, id, until, recorded_at) WHERE parent IS NOT NULL;

CREATE INDEX ix_{prefix}territory_history_2 ON "{prefix}territory_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}won_reason" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}won_reason_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT uq_{prefix}won_reason_code UNIQUE (tenant_id, code),
	CONSTRAINT ck_won_reason_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_won_reason_position_2 CHECK ("position" <= 1000000)
)
 STRICT;

CREATE TABLE "{prefix}won_reason_history" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	shown TEXT NOT NULL,
	label TEXT NOT NULL,
	label_key TEXT,
	position INTEGER NOT NULL,
	active INTEGER NOT NULL,
	"default" INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended_by TEXT NOT NULL,
	deleted INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id, version)
)
 STRICT;

CREATE INDEX ix_{prefix}won_reason_history_1 ON "{prefix}won_reason_history" (tenant_id, until, recorded_at);

CREATE TABLE "{prefix}campaign" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	type TEXT,
	status TEXT,
	owner TEXT NOT NULL,
	starts_on TEXT,
	ends_on TEXT,
	budget INTEGER,
	budget_currency TEXT,
	actual_cost INTEGER,
	actual_cost_currency TEXT,
	audience_size INTEGER,
	expected_responses INTEGER,
	expected_revenue INTEGER,
	expected_revenue_currency TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT fk_{prefix}campaign_type FOREIGN KEY(tenant_id, type) REFERENCES "{prefix}campaign_type" (tenant_id, code),
	CONSTRAINT fk_{prefix}campaign_status FOREIGN KEY(tenant_id, status) REFERENCES "{prefix}campaign_status" (tenant_id, code),
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
)
 STRICT;

CREATE INDEX ix_{prefix}campaign_1 ON "{prefix}campaign" (tenant_id, starts_on, id);

CREATE INDEX ix_{prefix}campaign_2 ON "{prefix}campaign" (tenant_id, type, id);

CREATE INDEX ix_{prefix}campaign_3 ON "{prefix}campaign" (tenant_id, status, id);

CREATE TABLE "{prefix}contact_email" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	sales_contact BLOB NOT NULL,
	position INTEGER NOT NULL,
	email TEXT NOT NULL,
	email_purpose TEXT NOT NULL,
	email_key TEXT NOT NULL,
	email_match TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT fk_{prefix}contact_email_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES "{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT ck_contact_email_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_contact_email_position_2 CHECK ("position" <= 1000000)
)
 STRICT;

CREATE INDEX ix_{prefix}contact_email_1 ON "{prefix}contact_email" (tenant_id, sales_contact, id);

CREATE INDEX ix_{prefix}contact_email_email_match ON "{prefix}contact_email" (tenant_id, email_match, id) WHERE email_match IS NOT NULL;

CREATE TABLE "{prefix}contact_phone" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	sales_contact BLOB NOT NULL,
	position INTEGER NOT NULL,
	phone TEXT NOT NULL,
	phone_purpose TEXT NOT NULL,
	phone_key TEXT NOT NULL,
	phone_match TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT fk_{prefix}contact_phone_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES "{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT ck_contact_phone_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_contact_phone_position_2 CHECK ("position" <= 1000000)
)
 STRICT;

CREATE INDEX ix_{prefix}contact_phone_1 ON "{prefix}contact_phone" (tenant_id, sales_contact, id);

CREATE INDEX ix_{prefix}contact_phone_phone_match ON "{prefix}contact_phone" (tenant_id, phone_match, id) WHERE phone_match IS NOT NULL;

CREATE TABLE "{prefix}salesperson" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	name TEXT NOT NULL,
	name_key TEXT,
	manager BLOB,
	territory BLOB,
	user TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}salesperson_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}salesperson_manager FOREIGN KEY(tenant_id, manager) REFERENCES "{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}salesperson_territory FOREIGN KEY(tenant_id, territory) REFERENCES "{prefix}territory" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}salesperson_1 ON "{prefix}salesperson" (tenant_id, manager, id) WHERE manager IS NOT NULL;

CREATE INDEX ix_{prefix}salesperson_2 ON "{prefix}salesperson" (tenant_id, territory, id) WHERE territory IS NOT NULL;

CREATE TABLE "{prefix}account" (
	tenant_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	name TEXT NOT NULL,
	name_key TEXT,
	name_match TEXT,
	legal_name TEXT NOT NULL,
	legal_name_key TEXT,
	legal_name_match TEXT,
	tax_number TEXT NOT NULL,
	tax_number_key TEXT,
	tax_number_match TEXT,
	address TEXT,
	address_city_key TEXT,
	address_country_key TEXT,
	phone TEXT,
	phone_purpose TEXT,
	phone_key TEXT,
	phone_match TEXT,
	email TEXT,
	email_purpose TEXT,
	email_key TEXT,
	email_match TEXT,
	web TEXT NOT NULL,
	web_match TEXT,
	territory BLOB,
	salesperson BLOB,
	sic_code TEXT NOT NULL,
	sic_code_key TEXT,
	company_revenue INTEGER,
	company_revenue_currency TEXT,
	employees INTEGER,
	currency TEXT NOT NULL,
	notes TEXT NOT NULL,
	prospect_number TEXT,
	prospect_number_key TEXT,
	customer_number TEXT,
	customer_number_key TEXT,
	credit_hold INTEGER,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}account_kind UNIQUE (tenant_id, id, kind),
	CONSTRAINT ck_account_kind CHECK ("kind" IN ('prospect', 'customer')),
	CONSTRAINT uq_{prefix}account_prospect_number_key UNIQUE (tenant_id, prospect_number_key),
	CONSTRAINT uq_{prefix}account_customer_number_key UNIQUE (tenant_id, customer_number_key),
	CONSTRAINT fk_{prefix}account_territory FOREIGN KEY(tenant_id, territory) REFERENCES "{prefix}territory" (tenant_id, id),
	CONSTRAINT fk_{prefix}account_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES "{prefix}salesperson" (tenant_id, id),
	CONSTRAINT ck_account_company_revenue_1 CHECK ("company_revenue" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_account_company_revenue_2 CHECK ("company_revenue" >= 0),
	CONSTRAINT ck_account_employees_1 CHECK ("employees" >= 0),
	CONSTRAINT ck_account_employees_2 CHECK ("employees" <= 1000000000)
)
 STRICT;

CREATE INDEX ix_{prefix}account_1 ON "{prefix}account" (tenant_id, kind, name_key, id);

CREATE INDEX ix_{prefix}account_2 ON "{prefix}account" (tenant_id, territory, kind, id) WHERE territory IS NOT NULL;

CREATE INDEX ix_{prefix}account_3 ON "{prefix}account" (tenant_id, salesperson, kind, id) WHERE salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}account_4 ON "{prefix}account" (tenant_id, kind, id);

CREATE INDEX ix_{prefix}account_email_match ON "{prefix}account" (tenant_id, email_match, id) WHERE email_match IS NOT NULL;

CREATE INDEX ix_{prefix}account_legal_name_match ON "{prefix}account" (tenant_id, legal_name_match, id) WHERE legal_name_match IS NOT NULL;

CREATE INDEX ix_{prefix}account_name_match ON "{prefix}account" (tenant_id, name_match, id) WHERE name_match IS NOT NULL;

CREATE INDEX ix_{prefix}account_phone_match ON "{prefix}account" (tenant_id, phone_match, id) WHERE phone_match IS NOT NULL;

CREATE INDEX ix_{prefix}account_tax_number_match ON "{prefix}account" (tenant_id, tax_number_match, id) WHERE tax_number_match IS NOT NULL;

CREATE INDEX ix_{prefix}account_web_match ON "{prefix}account" (tenant_id, web_match, id) WHERE web_match IS NOT NULL;

CREATE TABLE "{prefix}campaign_item" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	campaign BLOB NOT NULL,
	item BLOB NOT NULL,
	note TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_item_campaign_item UNIQUE (tenant_id, campaign, item),
	CONSTRAINT fk_{prefix}campaign_item_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES "{prefix}campaign" (tenant_id, id),
	CONSTRAINT fk_{prefix}campaign_item_item FOREIGN KEY(tenant_id, item) REFERENCES "{prefix}item" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}campaign_item_1 ON "{prefix}campaign_item" (tenant_id, item, id);

CREATE TABLE "{prefix}contact_salesperson" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	sales_contact BLOB NOT NULL,
	salesperson BLOB NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}contact_salesperson_sales_contact_salesperson UNIQUE (tenant_id, sales_contact, salesperson),
	CONSTRAINT fk_{prefix}contact_salesperson_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES "{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT fk_{prefix}contact_salesperson_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES "{prefix}salesperson" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}contact_salesperson_1 ON "{prefix}contact_salesperson" (tenant_id, salesperson, id);

CREATE TABLE "{prefix}sales_team" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	code TEXT NOT NULL,
	code_key TEXT,
	name TEXT NOT NULL,
	name_key TEXT,
	leader BLOB,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}sales_team_code_key UNIQUE (tenant_id, code_key),
	CONSTRAINT fk_{prefix}sales_team_leader FOREIGN KEY(tenant_id, leader) REFERENCES "{prefix}salesperson" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}sales_team_1 ON "{prefix}sales_team" (tenant_id, leader, id) WHERE leader IS NOT NULL;

CREATE TABLE "{prefix}contact_account" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	sales_contact BLOB NOT NULL,
	account BLOB NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}contact_account_sales_contact_account UNIQUE (tenant_id, sales_contact, account),
	CONSTRAINT fk_{prefix}contact_account_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES "{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT fk_{prefix}contact_account_account FOREIGN KEY(tenant_id, account) REFERENCES "{prefix}account" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}contact_account_1 ON "{prefix}contact_account" (tenant_id, account, id);

CREATE TABLE "{prefix}lead" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	account BLOB NOT NULL,
	status TEXT,
	source TEXT,
	quality TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	sales_contact BLOB,
	salesperson BLOB,
	territory BLOB,
	campaign BLOB,
	received_on TEXT,
	next_step TEXT NOT NULL,
	follow_up_on TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}lead_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}lead_account FOREIGN KEY(tenant_id, account) REFERENCES "{prefix}account" (tenant_id, id),
	CONSTRAINT fk_{prefix}lead_status FOREIGN KEY(tenant_id, status) REFERENCES "{prefix}lead_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}lead_source FOREIGN KEY(tenant_id, source) REFERENCES "{prefix}source" (tenant_id, code),
	CONSTRAINT fk_{prefix}lead_quality FOREIGN KEY(tenant_id, quality) REFERENCES "{prefix}lead_quality" (tenant_id, code),
	CONSTRAINT fk_{prefix}lead_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES "{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT fk_{prefix}lead_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES "{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}lead_territory FOREIGN KEY(tenant_id, territory) REFERENCES "{prefix}territory" (tenant_id, id),
	CONSTRAINT fk_{prefix}lead_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES "{prefix}campaign" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}lead_1 ON "{prefix}lead" (tenant_id, account, id);

CREATE INDEX ix_{prefix}lead_2 ON "{prefix}lead" (tenant_id, campaign, id);

CREATE INDEX ix_{prefix}lead_3 ON "{prefix}lead" (tenant_id, salesperson, id);

CREATE INDEX ix_{prefix}lead_4 ON "{prefix}lead" (tenant_id, follow_up_on, id);

CREATE INDEX ix_{prefix}lead_5 ON "{prefix}lead" (tenant_id, status, id);

CREATE INDEX ix_{prefix}lead_6 ON "{prefix}lead" (tenant_id, source, id);

CREATE INDEX ix_{prefix}lead_7 ON "{prefix}lead" (tenant_id, quality, id);

CREATE INDEX ix_{prefix}lead_8 ON "{prefix}lead" (tenant_id, sales_contact, id) WHERE sales_contact IS NOT NULL;

CREATE INDEX ix_{prefix}lead_9 ON "{prefix}lead" (tenant_id, territory, id) WHERE territory IS NOT NULL;

CREATE TABLE "{prefix}quota" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	owner BLOB NOT NULL,
	owner_salesperson BLOB,
	owner_sales_team BLOB,
	owner_territory BLOB,
	period BLOB NOT NULL,
	amount INTEGER NOT NULL,
	amount_currency TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}quota_owner_period UNIQUE (tenant_id, owner, period),
	CONSTRAINT fk_{prefix}quota_owner_salesperson FOREIGN KEY(tenant_id, owner_salesperson) REFERENCES "{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}quota_owner_sales_team FOREIGN KEY(tenant_id, owner_sales_team) REFERENCES "{prefix}sales_team" (tenant_id, id),
	CONSTRAINT fk_{prefix}quota_owner_territory FOREIGN KEY(tenant_id, owner_territory) REFERENCES "{prefix}territory" (tenant_id, id),
	CONSTRAINT ck_quota_owner_is_there CHECK ("owner" IS COALESCE("owner_salesperson", "owner_sales_team", "owner_territory")),
	CONSTRAINT fk_{prefix}quota_period FOREIGN KEY(tenant_id, period) REFERENCES "{prefix}sales_period" (tenant_id, id),
	CONSTRAINT ck_quota_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_quota_amount_2 CHECK ("amount" >= 0)
)
 STRICT;

CREATE INDEX ix_{prefix}quota_1 ON "{prefix}quota" (tenant_id, period, id);

CREATE INDEX ix_{prefix}quota_owner_sales_team ON "{prefix}quota" (tenant_id, owner_sales_team) WHERE owner_sales_team IS NOT NULL;

CREATE INDEX ix_{prefix}quota_owner_salesperson ON "{prefix}quota" (tenant_id, owner_salesperson) WHERE owner_salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}quota_owner_territory ON "{prefix}quota" (tenant_id, owner_territory) WHERE owner_territory IS NOT NULL;

CREATE TABLE "{prefix}sales_forecast" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	owner BLOB NOT NULL,
	owner_salesperson BLOB,
	owner_sales_team BLOB,
	period BLOB NOT NULL,
	currency TEXT NOT NULL,
	status TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}sales_forecast_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}sales_forecast_owner_salesperson FOREIGN KEY(tenant_id, owner_salesperson) REFERENCES "{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}sales_forecast_owner_sales_team FOREIGN KEY(tenant_id, owner_sales_team) REFERENCES "{prefix}sales_team" (tenant_id, id),
	CONSTRAINT ck_sales_forecast_owner_is_there CHECK ("owner" IS COALESCE("owner_salesperson", "owner_sales_team")),
	CONSTRAINT fk_{prefix}sales_forecast_period FOREIGN KEY(tenant_id, period) REFERENCES "{prefix}sales_period" (tenant_id, id),
	CONSTRAINT ck_sales_forecast_status_1 CHECK ("status" IN ('draft', 'submitted', 'approved', ''))
)
 STRICT;

CREATE INDEX ix_{prefix}sales_forecast_1 ON "{prefix}sales_forecast" (tenant_id, period, id);

CREATE INDEX ix_{prefix}sales_forecast_2 ON "{prefix}sales_forecast" (tenant_id, owner, id);

CREATE INDEX ix_{prefix}sales_forecast_owner_sales_team ON "{prefix}sales_forecast" (tenant_id, owner_sales_team) WHERE owner_sales_team IS NOT NULL;

CREATE INDEX ix_{prefix}sales_forecast_owner_salesperson ON "{prefix}sales_forecast" (tenant_id, owner_salesperson) WHERE owner_salesperson IS NOT NULL;

CREATE TABLE "{prefix}sales_team_member" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	team BLOB NOT NULL,
	salesperson BLOB NOT NULL,
	role TEXT NOT NULL,
	starts_on TEXT,
	ends_on TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}sales_team_member_team_salesperson_role UNIQUE (tenant_id, team, salesperson, role),
	CONSTRAINT fk_{prefix}sales_team_member_team FOREIGN KEY(tenant_id, team) REFERENCES "{prefix}sales_team" (tenant_id, id),
	CONSTRAINT fk_{prefix}sales_team_member_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES "{prefix}salesperson" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}sales_team_member_1 ON "{prefix}sales_team_member" (tenant_id, salesperson, id);

CREATE TABLE "{prefix}ship_to_address" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	customer BLOB NOT NULL,
	customer_kind TEXT NOT NULL,
	code TEXT NOT NULL,
	name TEXT NOT NULL,
	name_key TEXT,
	address TEXT NOT NULL,
	phone TEXT,
	phone_purpose TEXT,
	phone_key TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}ship_to_address_customer_code UNIQUE (tenant_id, customer, code),
	CONSTRAINT fk_{prefix}ship_to_address_customer FOREIGN KEY(tenant_id, customer, customer_kind) REFERENCES "{prefix}account" (tenant_id, id, kind),
	CONSTRAINT ck_ship_to_address_customer_kind CHECK ("customer_kind" = 'customer')
)
 STRICT;

CREATE TABLE "{prefix}campaign_member" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	campaign BLOB NOT NULL,
	member BLOB NOT NULL,
	member_sales_contact BLOB,
	member_lead BLOB,
	status TEXT,
	responded_on TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}campaign_member_campaign_member UNIQUE (tenant_id, campaign, member),
	CONSTRAINT fk_{prefix}campaign_member_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES "{prefix}campaign" (tenant_id, id),
	CONSTRAINT fk_{prefix}campaign_member_member_sales_contact FOREIGN KEY(tenant_id, member_sales_contact) REFERENCES "{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT fk_{prefix}campaign_member_member_lead FOREIGN KEY(tenant_id, member_lead) REFERENCES "{prefix}lead" (tenant_id, id),
	CONSTRAINT ck_campaign_member_member_is_there CHECK ("member" IS COALESCE("member_sales_contact", "member_lead")),
	CONSTRAINT fk_{prefix}campaign_member_status FOREIGN KEY(tenant_id, status) REFERENCES "{prefix}campaign_member_status" (tenant_id, code)
)
 STRICT;

CREATE INDEX ix_{prefix}campaign_member_1 ON "{prefix}campaign_member" (tenant_id, member, id);

CREATE INDEX ix_{prefix}campaign_member_2 ON "{prefix}campaign_member" (tenant_id, status, id);

CREATE INDEX ix_{prefix}campaign_member_member_lead ON "{prefix}campaign_member" (tenant_id, member_lead) WHERE member_lead IS NOT NULL;

CREATE INDEX ix_{prefix}campaign_member_member_sales_contact ON "{prefix}campaign_member" (tenant_id, member_sales_contact) WHERE member_sales_contact IS NOT NULL;

CREATE TABLE "{prefix}forecast_adjustment" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	forecast BLOB NOT NULL,
	"by" TEXT NOT NULL,
	at INTEGER,
	amount INTEGER,
	amount_currency TEXT,
	difference INTEGER,
	difference_currency TEXT,
	note TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT fk_{prefix}forecast_adjustment_forecast FOREIGN KEY(tenant_id, forecast) REFERENCES "{prefix}sales_forecast" (tenant_id, id),
	CONSTRAINT ck_forecast_adjustment_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_forecast_adjustment_difference_1 CHECK ("difference" BETWEEN -900000000000000 AND 900000000000000)
)
 STRICT;

CREATE INDEX ix_{prefix}forecast_adjustment_1 ON "{prefix}forecast_adjustment" (tenant_id, forecast, id);

CREATE TABLE "{prefix}opportunity" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	description TEXT NOT NULL,
	description_key TEXT,
	account BLOB NOT NULL,
	status TEXT,
	stage TEXT,
	source TEXT,
	lead BLOB,
	campaign BLOB,
	estimated_value INTEGER,
	estimated_value_currency TEXT,
	probability INTEGER,
	projected_close TEXT,
	closed_on TEXT,
	salesperson BLOB,
	territory BLOB,
	won_reason TEXT,
	lost_reason TEXT,
	forecast_category TEXT NOT NULL,
	next_step TEXT NOT NULL,
	follow_up_on TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}opportunity_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}opportunity_account FOREIGN KEY(tenant_id, account) REFERENCES "{prefix}account" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_status FOREIGN KEY(tenant_id, status) REFERENCES "{prefix}opportunity_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_stage FOREIGN KEY(tenant_id, stage) REFERENCES "{prefix}stage" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_source FOREIGN KEY(tenant_id, source) REFERENCES "{prefix}source" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_lead FOREIGN KEY(tenant_id, lead) REFERENCES "{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_campaign FOREIGN KEY(tenant_id, campaign) REFERENCES "{prefix}campaign" (tenant_id, id),
	CONSTRAINT ck_opportunity_estimated_value_1 CHECK ("estimated_value" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_opportunity_estimated_value_2 CHECK ("estimated_value" >= 0),
	CONSTRAINT ck_opportunity_probability_1 CHECK ("probability" >= 0),
	CONSTRAINT ck_opportunity_probability_2 CHECK ("probability" <= 10000),
	CONSTRAINT fk_{prefix}opportunity_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES "{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_territory FOREIGN KEY(tenant_id, territory) REFERENCES "{prefix}territory" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_won_reason FOREIGN KEY(tenant_id, won_reason) REFERENCES "{prefix}won_reason" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_lost_reason FOREIGN KEY(tenant_id, lost_reason) REFERENCES "{prefix}lost_reason" (tenant_id, code),
	CONSTRAINT ck_opportunity_forecast_category_1 CHECK ("forecast_category" IN ('pipeline', 'best_case', 'commit', 'omitted', ''))
)
 STRICT;

CREATE INDEX ix_{prefix}opportunity_1 ON "{prefix}opportunity" (tenant_id, account, id);

CREATE INDEX ix_{prefix}opportunity_10 ON "{prefix}opportunity" (tenant_id, source, id);

CREATE INDEX ix_{prefix}opportunity_11 ON "{prefix}opportunity" (tenant_id, territory, id) WHERE territory IS NOT NULL;

CREATE INDEX ix_{prefix}opportunity_12 ON "{prefix}opportunity" (tenant_id, won_reason, id);

CREATE INDEX ix_{prefix}opportunity_13 ON "{prefix}opportunity" (tenant_id, lost_reason, id);

CREATE INDEX ix_{prefix}opportunity_2 ON "{prefix}opportunity" (tenant_id, lead, id);

CREATE INDEX ix_{prefix}opportunity_3 ON "{prefix}opportunity" (tenant_id, campaign, id);

CREATE INDEX ix_{prefix}opportunity_4 ON "{prefix}opportunity" (tenant_id, salesperson, id);

CREATE INDEX ix_{prefix}opportunity_5 ON "{prefix}opportunity" (tenant_id, stage, id);

CREATE INDEX ix_{prefix}opportunity_6 ON "{prefix}opportunity" (tenant_id, projected_close, id);

CREATE INDEX ix_{prefix}opportunity_7 ON "{prefix}opportunity" (tenant_id, estimated_value, id);

CREATE INDEX ix_{prefix}opportunity_8 ON "{prefix}opportunity" (tenant_id, follow_up_on, id);

CREATE INDEX ix_{prefix}opportunity_9 ON "{prefix}opportunity" (tenant_id, status, id);

CREATE INDEX ix_{prefix}opportunity_counted ON "{prefix}opportunity" (tenant_id, closed_on, projected_close, salesperson, status, stage, forecast_category, probability, estimated_value, estimated_value_currency, recorded_at, id);

CREATE TABLE "{prefix}estimate" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	currency TEXT NOT NULL,
	number TEXT NOT NULL,
	number_key TEXT,
	account BLOB NOT NULL,
	lead BLOB,
	opportunity BLOB,
	status TEXT,
	salesperson BLOB,
	taken_by TEXT NOT NULL,
	dated TEXT,
	projected_date TEXT,
	valid_until TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}estimate_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}estimate_account FOREIGN KEY(tenant_id, account) REFERENCES "{prefix}account" (tenant_id, id),
	CONSTRAINT fk_{prefix}estimate_lead FOREIGN KEY(tenant_id, lead) REFERENCES "{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}estimate_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES "{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}estimate_status FOREIGN KEY(tenant_id, status) REFERENCES "{prefix}estimate_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}estimate_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES "{prefix}salesperson" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}estimate_1 ON "{prefix}estimate" (tenant_id, account, id);

CREATE INDEX ix_{prefix}estimate_2 ON "{prefix}estimate" (tenant_id, opportunity, id);

CREATE INDEX ix_{prefix}estimate_3 ON "{prefix}estimate" (tenant_id, lead, id);

CREATE INDEX ix_{prefix}estimate_4 ON "{prefix}estimate" (tenant_id, dated, id);

CREATE INDEX ix_{prefix}estimate_5 ON "{prefix}estimate" (tenant_id, status, id);

CREATE INDEX ix_{prefix}estimate_6 ON "{prefix}estimate" (tenant_id, salesperson, id) WHERE salesperson IS NOT NULL;

CREATE TABLE "{prefix}forecast_line" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	forecast BLOB NOT NULL,
	opportunity BLOB NOT NULL,
	override INTEGER,
	override_currency TEXT,
	note TEXT NOT NULL,
	value INTEGER,
	value_currency TEXT,
	probability INTEGER,
	close_date TEXT,
	status TEXT,
	stage TEXT,
	category TEXT NOT NULL,
	account BLOB,
	rate INTEGER,
	override_rate INTEGER,
	own INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}forecast_line_forecast_opportunity UNIQUE (tenant_id, forecast, opportunity),
	CONSTRAINT fk_{prefix}forecast_line_forecast FOREIGN KEY(tenant_id, forecast) REFERENCES "{prefix}sales_forecast" (tenant_id, id),
	CONSTRAINT fk_{prefix}forecast_line_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES "{prefix}opportunity" (tenant_id, id),
	CONSTRAINT ck_forecast_line_override_1 CHECK ("override" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_forecast_line_override_2 CHECK ("override" >= 0),
	CONSTRAINT ck_forecast_line_value_1 CHECK ("value" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT ck_forecast_line_value_2 CHECK ("value" >= 0),
	CONSTRAINT ck_forecast_line_probability_1 CHECK ("probability" >= 0),
	CONSTRAINT ck_forecast_line_probability_2 CHECK ("probability" <= 10000),
	CONSTRAINT fk_{prefix}forecast_line_status FOREIGN KEY(tenant_id, status) REFERENCES "{prefix}opportunity_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}forecast_line_stage FOREIGN KEY(tenant_id, stage) REFERENCES "{prefix}stage" (tenant_id, code),
	CONSTRAINT ck_forecast_line_category_1 CHECK ("category" IN ('pipeline', 'best_case', 'commit', 'omitted', '')),
	CONSTRAINT fk_{prefix}forecast_line_account FOREIGN KEY(tenant_id, account) REFERENCES "{prefix}account" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}forecast_line_1 ON "{prefix}forecast_line" (tenant_id, opportunity, id);

CREATE INDEX ix_{prefix}forecast_line_2 ON "{prefix}forecast_line" (tenant_id, status, id);

CREATE INDEX ix_{prefix}forecast_line_3 ON "{prefix}forecast_line" (tenant_id, stage, id);

CREATE INDEX ix_{prefix}forecast_line_4 ON "{prefix}forecast_line" (tenant_id, account, id) WHERE account IS NOT NULL;

CREATE TABLE "{prefix}opportunity_competitor" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	opportunity BLOB NOT NULL,
	competitor BLOB NOT NULL,
	won_by INTEGER NOT NULL,
	note TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}opportunity_competitor_opportunity_competitor UNIQUE (tenant_id, opportunity, competitor),
	CONSTRAINT fk_{prefix}opportunity_competitor_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES "{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_competitor_competitor FOREIGN KEY(tenant_id, competitor) REFERENCES "{prefix}competitor" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}opportunity_competitor_1 ON "{prefix}opportunity_competitor" (tenant_id, competitor, id);

CREATE TABLE "{prefix}opportunity_contact" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	opportunity BLOB NOT NULL,
	sales_contact BLOB NOT NULL,
	role TEXT NOT NULL,
	"primary" INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}opportunity_contact_opportunity_sales_contact_role UNIQUE (tenant_id, opportunity, sales_contact, role),
	CONSTRAINT fk_{prefix}opportunity_contact_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES "{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_contact_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES "{prefix}sales_contact" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}opportunity_contact_1 ON "{prefix}opportunity_contact" (tenant_id, sales_contact, id);

CREATE TABLE "{prefix}opportunity_item" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	opportunity BLOB NOT NULL,
	item BLOB NOT NULL,
	quantity INTEGER NOT NULL,
	price INTEGER,
	comment TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_item_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES "{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}opportunity_item_item FOREIGN KEY(tenant_id, item) REFERENCES "{prefix}item" (tenant_id, id),
	CONSTRAINT ck_opportunity_item_price_1 CHECK ("price" >= 0)
)
 STRICT;

CREATE INDEX ix_{prefix}opportunity_item_1 ON "{prefix}opportunity_item" (tenant_id, opportunity, id);

CREATE INDEX ix_{prefix}opportunity_item_2 ON "{prefix}opportunity_item" (tenant_id, item, id);

CREATE TABLE "{prefix}opportunity_task" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	opportunity BLOB NOT NULL,
	number INTEGER NOT NULL,
	description TEXT NOT NULL,
	description_key TEXT,
	type TEXT,
	status TEXT,
	owner TEXT NOT NULL,
	owner_key TEXT,
	priority TEXT,
	due_on TEXT,
	required INTEGER NOT NULL,
	completed_on TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}opportunity_task_opportunity_number UNIQUE (tenant_id, opportunity, number),
	CONSTRAINT fk_{prefix}opportunity_task_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES "{prefix}opportunity" (tenant_id, id),
	CONSTRAINT ck_opportunity_task_number_1 CHECK ("number" >= 0),
	CONSTRAINT fk_{prefix}opportunity_task_type FOREIGN KEY(tenant_id, type) REFERENCES "{prefix}task_type" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_task_status FOREIGN KEY(tenant_id, status) REFERENCES "{prefix}task_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}opportunity_task_priority FOREIGN KEY(tenant_id, priority) REFERENCES "{prefix}task_priority" (tenant_id, code)
)
 STRICT;

CREATE INDEX ix_{prefix}opportunity_task_1 ON "{prefix}opportunity_task" (tenant_id, due_on, id);

CREATE INDEX ix_{prefix}opportunity_task_2 ON "{prefix}opportunity_task" (tenant_id, owner_key, id);

CREATE INDEX ix_{prefix}opportunity_task_3 ON "{prefix}opportunity_task" (tenant_id, type, id);

CREATE INDEX ix_{prefix}opportunity_task_4 ON "{prefix}opportunity_task" (tenant_id, status, id);

CREATE INDEX ix_{prefix}opportunity_task_5 ON "{prefix}opportunity_task" (tenant_id, priority, id);

CREATE TABLE "{prefix}team_assignment" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	target BLOB NOT NULL,
	target_account BLOB,
	target_lead BLOB,
	target_opportunity BLOB,
	holder BLOB NOT NULL,
	holder_sales_team BLOB,
	holder_salesperson BLOB,
	role TEXT NOT NULL,
	"primary" INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}team_assignment_target_holder_role UNIQUE (tenant_id, target, holder, role),
	CONSTRAINT fk_{prefix}team_assignment_target_account FOREIGN KEY(tenant_id, target_account) REFERENCES "{prefix}account" (tenant_id, id),
	CONSTRAINT fk_{prefix}team_assignment_target_lead FOREIGN KEY(tenant_id, target_lead) REFERENCES "{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}team_assignment_target_opportunity FOREIGN KEY(tenant_id, target_opportunity) REFERENCES "{prefix}opportunity" (tenant_id, id),
	CONSTRAINT ck_team_assignment_target_is_there CHECK ("target" IS COALESCE("target_account", "target_lead", "target_opportunity")),
	CONSTRAINT fk_{prefix}team_assignment_holder_sales_team FOREIGN KEY(tenant_id, holder_sales_team) REFERENCES "{prefix}sales_team" (tenant_id, id),
	CONSTRAINT fk_{prefix}team_assignment_holder_salesperson FOREIGN KEY(tenant_id, holder_salesperson) REFERENCES "{prefix}salesperson" (tenant_id, id),
	CONSTRAINT ck_team_assignment_holder_is_there CHECK ("holder" IS COALESCE("holder_sales_team", "holder_salesperson"))
)
 STRICT;

CREATE INDEX ix_{prefix}team_assignment_1 ON "{prefix}team_assignment" (tenant_id, holder, id);

CREATE INDEX ix_{prefix}team_assignment_holder_sales_team ON "{prefix}team_assignment" (tenant_id, holder_sales_team) WHERE holder_sales_team IS NOT NULL;

CREATE INDEX ix_{prefix}team_assignment_holder_salesperson ON "{prefix}team_assignment" (tenant_id, holder_salesperson) WHERE holder_salesperson IS NOT NULL;

CREATE INDEX ix_{prefix}team_assignment_target_account ON "{prefix}team_assignment" (tenant_id, target_account) WHERE target_account IS NOT NULL;

CREATE INDEX ix_{prefix}team_assignment_target_lead ON "{prefix}team_assignment" (tenant_id, target_lead) WHERE target_lead IS NOT NULL;

CREATE INDEX ix_{prefix}team_assignment_target_opportunity ON "{prefix}team_assignment" (tenant_id, target_opportunity) WHERE target_opportunity IS NOT NULL;

CREATE TABLE "{prefix}estimate_line" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	position INTEGER NOT NULL,
	item BLOB,
	description TEXT NOT NULL,
	quantity INTEGER NOT NULL,
	unit_price INTEGER NOT NULL,
	discount INTEGER NOT NULL,
	amount INTEGER,
	amount_currency TEXT,
	estimate BLOB NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT ck_estimate_line_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_estimate_line_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT fk_{prefix}estimate_line_item FOREIGN KEY(tenant_id, item) REFERENCES "{prefix}item" (tenant_id, id),
	CONSTRAINT ck_estimate_line_unit_price_1 CHECK ("unit_price" >= 0),
	CONSTRAINT ck_estimate_line_discount_1 CHECK ("discount" >= 0),
	CONSTRAINT ck_estimate_line_discount_2 CHECK ("discount" <= 10000),
	CONSTRAINT ck_estimate_line_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT fk_{prefix}estimate_line_estimate FOREIGN KEY(tenant_id, estimate) REFERENCES "{prefix}estimate" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}estimate_line_1 ON "{prefix}estimate_line" (tenant_id, estimate, id);

CREATE INDEX ix_{prefix}estimate_line_2 ON "{prefix}estimate_line" (tenant_id, item, id);

CREATE TABLE "{prefix}order" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	currency TEXT NOT NULL,
	number TEXT NOT NULL,
	number_key TEXT,
	customer BLOB NOT NULL,
	customer_kind TEXT NOT NULL,
	estimate BLOB,
	opportunity BLOB,
	lead BLOB,
	status TEXT,
	salesperson BLOB,
	taken_by TEXT NOT NULL,
	purchase_order TEXT NOT NULL,
	dated TEXT,
	projected_date TEXT,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}order_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}order_customer FOREIGN KEY(tenant_id, customer, customer_kind) REFERENCES "{prefix}account" (tenant_id, id, kind),
	CONSTRAINT ck_order_customer_kind CHECK ("customer_kind" = 'customer'),
	CONSTRAINT fk_{prefix}order_estimate FOREIGN KEY(tenant_id, estimate) REFERENCES "{prefix}estimate" (tenant_id, id),
	CONSTRAINT fk_{prefix}order_opportunity FOREIGN KEY(tenant_id, opportunity) REFERENCES "{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}order_lead FOREIGN KEY(tenant_id, lead) REFERENCES "{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}order_status FOREIGN KEY(tenant_id, status) REFERENCES "{prefix}order_status" (tenant_id, code),
	CONSTRAINT fk_{prefix}order_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES "{prefix}salesperson" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}order_1 ON "{prefix}order" (tenant_id, customer, id);

CREATE INDEX ix_{prefix}order_2 ON "{prefix}order" (tenant_id, opportunity, id);

CREATE INDEX ix_{prefix}order_3 ON "{prefix}order" (tenant_id, estimate, id);

CREATE INDEX ix_{prefix}order_4 ON "{prefix}order" (tenant_id, lead, id);

CREATE INDEX ix_{prefix}order_5 ON "{prefix}order" (tenant_id, dated, id);

CREATE INDEX ix_{prefix}order_6 ON "{prefix}order" (tenant_id, status, id);

CREATE INDEX ix_{prefix}order_7 ON "{prefix}order" (tenant_id, salesperson, id) WHERE salesperson IS NOT NULL;

CREATE TABLE "{prefix}interaction" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	number TEXT NOT NULL,
	number_key TEXT,
	subject BLOB NOT NULL,
	subject_account BLOB,
	subject_sales_contact BLOB,
	topic TEXT,
	description TEXT NOT NULL,
	happened_at INTEGER,
	follow_up_on TEXT,
	follow_up_done INTEGER NOT NULL,
	contact_name TEXT NOT NULL,
	contact_name_key TEXT,
	contact_phone TEXT,
	contact_phone_purpose TEXT,
	contact_phone_key TEXT,
	sales_contact BLOB,
	salesperson BLOB,
	reference BLOB,
	reference_lead BLOB,
	reference_opportunity BLOB,
	reference_estimate BLOB,
	reference_order BLOB,
	reference_item BLOB,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}interaction_number_key UNIQUE (tenant_id, number_key),
	CONSTRAINT fk_{prefix}interaction_subject_account FOREIGN KEY(tenant_id, subject_account) REFERENCES "{prefix}account" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_subject_sales_contact FOREIGN KEY(tenant_id, subject_sales_contact) REFERENCES "{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT ck_interaction_subject_is_there CHECK ("subject" IS COALESCE("subject_account", "subject_sales_contact")),
	CONSTRAINT fk_{prefix}interaction_topic FOREIGN KEY(tenant_id, topic) REFERENCES "{prefix}interaction_topic" (tenant_id, code),
	CONSTRAINT fk_{prefix}interaction_sales_contact FOREIGN KEY(tenant_id, sales_contact) REFERENCES "{prefix}sales_contact" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_salesperson FOREIGN KEY(tenant_id, salesperson) REFERENCES "{prefix}salesperson" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_reference_lead FOREIGN KEY(tenant_id, reference_lead) REFERENCES "{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_reference_opportunity FOREIGN KEY(tenant_id, reference_opportunity) REFERENCES "{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_reference_estimate FOREIGN KEY(tenant_id, reference_estimate) REFERENCES "{prefix}estimate" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_reference_order FOREIGN KEY(tenant_id, reference_order) REFERENCES "{prefix}order" (tenant_id, id),
	CONSTRAINT fk_{prefix}interaction_reference_item FOREIGN KEY(tenant_id, reference_item) REFERENCES "{prefix}item" (tenant_id, id),
	CONSTRAINT ck_interaction_reference_is_there CHECK ("reference" IS COALESCE("reference_lead", "reference_opportunity", "reference_estimate", "reference_order", "reference_item"))
)
 STRICT;

CREATE INDEX ix_{prefix}interaction_1 ON "{prefix}interaction" (tenant_id, subject, id);

CREATE INDEX ix_{prefix}interaction_2 ON "{prefix}interaction" (tenant_id, sales_contact, id);

CREATE INDEX ix_{prefix}interaction_3 ON "{prefix}interaction" (tenant_id, salesperson, id);

CREATE INDEX ix_{prefix}interaction_4 ON "{prefix}interaction" (tenant_id, happened_at, id);

CREATE INDEX ix_{prefix}interaction_5 ON "{prefix}interaction" (tenant_id, follow_up_on, id);

CREATE INDEX ix_{prefix}interaction_6 ON "{prefix}interaction" (tenant_id, topic, id);

CREATE INDEX ix_{prefix}interaction_7 ON "{prefix}interaction" (tenant_id, reference, id) WHERE reference IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_reference_estimate ON "{prefix}interaction" (tenant_id, reference_estimate) WHERE reference_estimate IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_reference_item ON "{prefix}interaction" (tenant_id, reference_item) WHERE reference_item IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_reference_lead ON "{prefix}interaction" (tenant_id, reference_lead) WHERE reference_lead IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_reference_opportunity ON "{prefix}interaction" (tenant_id, reference_opportunity) WHERE reference_opportunity IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_reference_order ON "{prefix}interaction" (tenant_id, reference_order) WHERE reference_order IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_subject_account ON "{prefix}interaction" (tenant_id, subject_account) WHERE subject_account IS NOT NULL;

CREATE INDEX ix_{prefix}interaction_subject_sales_contact ON "{prefix}interaction" (tenant_id, subject_sales_contact) WHERE subject_sales_contact IS NOT NULL;

CREATE TABLE "{prefix}order_line" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	position INTEGER NOT NULL,
	item BLOB,
	description TEXT NOT NULL,
	quantity INTEGER NOT NULL,
	unit_price INTEGER NOT NULL,
	discount INTEGER NOT NULL,
	amount INTEGER,
	amount_currency TEXT,
	"order" BLOB NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT ck_order_line_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_order_line_position_2 CHECK ("position" <= 1000000),
	CONSTRAINT fk_{prefix}order_line_item FOREIGN KEY(tenant_id, item) REFERENCES "{prefix}item" (tenant_id, id),
	CONSTRAINT ck_order_line_unit_price_1 CHECK ("unit_price" >= 0),
	CONSTRAINT ck_order_line_discount_1 CHECK ("discount" >= 0),
	CONSTRAINT ck_order_line_discount_2 CHECK ("discount" <= 10000),
	CONSTRAINT ck_order_line_amount_1 CHECK ("amount" BETWEEN -900000000000000 AND 900000000000000),
	CONSTRAINT fk_{prefix}order_line_order FOREIGN KEY(tenant_id, "order") REFERENCES "{prefix}order" (tenant_id, id)
)
 STRICT;

CREATE INDEX ix_{prefix}order_line_1 ON "{prefix}order_line" (tenant_id, "order", id);

CREATE INDEX ix_{prefix}order_line_2 ON "{prefix}order_line" (tenant_id, item, id);

CREATE TABLE "{prefix}announcement" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	target BLOB NOT NULL,
	target_opportunity_task BLOB,
	target_lead BLOB,
	target_opportunity BLOB,
	target_interaction BLOB,
	event TEXT NOT NULL,
	due_on TEXT NOT NULL,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT uq_{prefix}announcement_target_event_due_on UNIQUE (tenant_id, target, event, due_on),
	CONSTRAINT fk_{prefix}announcement_target_opportunity_task FOREIGN KEY(tenant_id, target_opportunity_task) REFERENCES "{prefix}opportunity_task" (tenant_id, id),
	CONSTRAINT fk_{prefix}announcement_target_lead FOREIGN KEY(tenant_id, target_lead) REFERENCES "{prefix}lead" (tenant_id, id),
	CONSTRAINT fk_{prefix}announcement_target_opportunity FOREIGN KEY(tenant_id, target_opportunity) REFERENCES "{prefix}opportunity" (tenant_id, id),
	CONSTRAINT fk_{prefix}announcement_target_interaction FOREIGN KEY(tenant_id, target_interaction) REFERENCES "{prefix}interaction" (tenant_id, id),
	CONSTRAINT ck_announcement_target_is_there CHECK ("target" IS COALESCE("target_opportunity_task", "target_lead", "target_opportunity", "target_interaction"))
)
 STRICT;

CREATE INDEX ix_{prefix}announcement_target_interaction ON "{prefix}announcement" (tenant_id, target_interaction) WHERE target_interaction IS NOT NULL;

CREATE INDEX ix_{prefix}announcement_target_lead ON "{prefix}announcement" (tenant_id, target_lead) WHERE target_lead IS NOT NULL;

CREATE INDEX ix_{prefix}announcement_target_opportunity ON "{prefix}announcement" (tenant_id, target_opportunity) WHERE target_opportunity IS NOT NULL;

CREATE INDEX ix_{prefix}announcement_target_opportunity_task ON "{prefix}announcement" (tenant_id, target_opportunity_task) WHERE target_opportunity_task IS NOT NULL;

CREATE TABLE "{prefix}conversation_entry" (
	tenant_id TEXT NOT NULL,
	id BLOB NOT NULL,
	version INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	recorded_by TEXT NOT NULL,
	custom TEXT,
	interaction BLOB NOT NULL,
	position INTEGER NOT NULL,
	text TEXT NOT NULL,
	internal INTEGER NOT NULL,
	incoming INTEGER NOT NULL,
	channel TEXT NOT NULL,
	"by" TEXT NOT NULL,
	at INTEGER,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT fk_{prefix}conversation_entry_interaction FOREIGN KEY(tenant_id, interaction) REFERENCES "{prefix}interaction" (tenant_id, id),
	CONSTRAINT ck_conversation_entry_position_1 CHECK ("position" >= 0),
	CONSTRAINT ck_conversation_entry_position_2 CHECK ("position" <= 1000000)
)
 STRICT;

CREATE INDEX ix_{prefix}conversation_entry_1 ON "{prefix}conversation_entry" (tenant_id, interaction, id);

