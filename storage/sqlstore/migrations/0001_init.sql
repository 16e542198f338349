-- {name} is the name of a table. {id}, {text} and {real} are types of the engine, {clustered} and {heap} ways to keep
-- a table. A line with {partial} is for engines that can index some rows, one with {plain} for the others.
-- Shares are what a line bears of discounts: "0:199 2:50" is 199 minor units of the first discount, 50 of the third.
-- The seq of an event is its position, 0 until it has one; feeds has the last position that was given.
-- Amounts are minor units, times are microseconds since 1970 in UTC and NULL for none.

CREATE TABLE {orders} (
	tenant      {id}   NOT NULL,
	id          {id}   NOT NULL,
	number      {id},
	version     BIGINT NOT NULL,
	state       {id}   NOT NULL,
	channel     {id}   NOT NULL,
	customer    {id}   NOT NULL,
	currency    {id}   NOT NULL,
	total       BIGINT NOT NULL,
	due         BIGINT NOT NULL,
	payment     {id}   NOT NULL,
	fulfillment {id}   NOT NULL,
	returns     {id}   NOT NULL,
	on_hold     BIGINT NOT NULL,
	pay_by      BIGINT,
	placed_at   BIGINT,
	updated_at  BIGINT,
	body        {text} NOT NULL,
	PRIMARY KEY (tenant, id)
){heap};
CREATE UNIQUE INDEX {orders}_number ON {orders} (tenant, number);
{partial}CREATE INDEX {orders}_customer ON {orders} (tenant, customer, id) WHERE customer <> '';
{plain}CREATE INDEX {orders}_customer ON {orders} (tenant, customer, id);
CREATE INDEX {orders}_state ON {orders} (tenant, state, id);
CREATE INDEX {orders}_placed ON {orders} (tenant, placed_at);
CREATE INDEX {orders}_payment ON {orders} (tenant, payment, id);
{partial}CREATE INDEX {orders}_pay_by ON {orders} (tenant, state, pay_by) WHERE pay_by IS NOT NULL;
{plain}CREATE INDEX {orders}_pay_by ON {orders} (tenant, state, pay_by);
{partial}CREATE INDEX {orders}_on_hold ON {orders} (tenant, id) WHERE on_hold = 1;
{plain}CREATE INDEX {orders}_on_hold ON {orders} (tenant, on_hold, id);
{partial}CREATE INDEX {orders}_partial ON {orders} (tenant, id) WHERE fulfillment = 'partial';
{plain}CREATE INDEX {orders}_partial ON {orders} (tenant, fulfillment, id);
{partial}CREATE INDEX {orders}_returns ON {orders} (tenant, returns, id) WHERE returns <> 'none';
{plain}CREATE INDEX {orders}_returns ON {orders} (tenant, returns, id);

CREATE TABLE {order_lines} (
	tenant         {id}   NOT NULL,
	order_id       {id}   NOT NULL,
	line_no        BIGINT NOT NULL,
	item           {id}   NOT NULL,
	sku            {text} NOT NULL,
	title          {text} NOT NULL,
	unit_price     {text} NOT NULL,
	tax_rate       {text} NOT NULL,
	stocked        BIGINT NOT NULL,
	backorder      BIGINT NOT NULL,
	amount         BIGINT,
	net            BIGINT,
	tax            BIGINT,
	total          BIGINT,
	ordered        BIGINT NOT NULL,
	unreserved     BIGINT NOT NULL,
	reserved       BIGINT NOT NULL,
	backordered    BIGINT NOT NULL,
	picked         BIGINT NOT NULL,
	packed         BIGINT NOT NULL,
	shipped        BIGINT NOT NULL,
	cancelled      BIGINT NOT NULL,
	delivered      BIGINT NOT NULL,
	return_open    BIGINT NOT NULL,
	returned       BIGINT NOT NULL,
	lost           BIGINT NOT NULL,
	restocked      BIGINT NOT NULL,
	written_off    BIGINT NOT NULL,
	refunded_units BIGINT NOT NULL,
	shares         {text},
	metadata       {text},
	PRIMARY KEY (tenant, order_id, line_no)
){clustered};
CREATE INDEX {order_lines}_item ON {order_lines} (tenant, item, order_id, line_no);

CREATE TABLE {items} (
	tenant    {id}   NOT NULL,
	id        {id}   NOT NULL,
	sku       {text} NOT NULL,
	name      {text} NOT NULL,
	scale     BIGINT NOT NULL,
	untracked BIGINT NOT NULL,
	backorder BIGINT NOT NULL,
	safety    BIGINT NOT NULL,
	PRIMARY KEY (tenant, id)
){clustered};

CREATE TABLE {locations} (
	tenant   {id}   NOT NULL,
	id       {id}   NOT NULL,
	name     {text} NOT NULL,
	priority BIGINT NOT NULL,
	lat      {real},
	lng      {real},
	country  {text} NOT NULL,
	inactive BIGINT NOT NULL,
	PRIMARY KEY (tenant, id)
){clustered};

CREATE TABLE {stock_balances} (
	tenant    {id}   NOT NULL,
	item      {id}   NOT NULL,
	location  {id}   NOT NULL,
	lot       {id}   NOT NULL,
	free      BIGINT NOT NULL CHECK (free >= 0),
	soft      BIGINT NOT NULL CHECK (soft >= 0),
	committed BIGINT NOT NULL CHECK (committed >= 0),
	picked    BIGINT NOT NULL CHECK (picked >= 0),
	packed    BIGINT NOT NULL CHECK (packed >= 0),
	qc        BIGINT NOT NULL CHECK (qc >= 0),
	damaged   BIGINT NOT NULL CHECK (damaged >= 0),
	held      BIGINT NOT NULL CHECK (held >= 0),
	PRIMARY KEY (tenant, item, location, lot)
){clustered};

CREATE TABLE {stock_movements} (
	tenant        {id}   NOT NULL,
	posting       {id}   NOT NULL,
	n             BIGINT NOT NULL,
	reason        {id}   NOT NULL,
	document      {id}   NOT NULL,
	actor         {text} NOT NULL,
	at            BIGINT,
	item          {id}   NOT NULL,
	lot           {id}   NOT NULL,
	from_location {id}   NOT NULL,
	from_state    {id}   NOT NULL,
	to_location   {id}   NOT NULL,
	to_state      {id}   NOT NULL,
	qty           BIGINT NOT NULL CHECK (qty > 0),
	PRIMARY KEY (tenant, posting, n)
){clustered};
CREATE INDEX {stock_movements}_item ON {stock_movements} (tenant, item, posting, n);
{partial}CREATE INDEX {stock_movements}_document ON {stock_movements} (tenant, document, posting, n) WHERE document <> '';
{plain}CREATE INDEX {stock_movements}_document ON {stock_movements} (tenant, document, posting, n);

CREATE TABLE {reservations} (
	tenant     {id}   NOT NULL,
	owner      {id}   NOT NULL,
	line       BIGINT NOT NULL,
	item       {id}   NOT NULL,
	location   {id}   NOT NULL,
	lot        {id}   NOT NULL,
	soft       BIGINT NOT NULL CHECK (soft >= 0),
	committed  BIGINT NOT NULL CHECK (committed >= 0),
	picked     BIGINT NOT NULL CHECK (picked >= 0),
	packed     BIGINT NOT NULL CHECK (packed >= 0),
	shipped    BIGINT NOT NULL CHECK (shipped >= 0),
	released   BIGINT NOT NULL CHECK (released >= 0),
	open_units BIGINT NOT NULL,
	soft_until BIGINT,
	version    BIGINT NOT NULL,
	PRIMARY KEY (tenant, owner, line, item, location, lot)
){clustered};
{partial}CREATE INDEX {reservations}_open ON {reservations} (tenant, owner, line, item, location, lot) WHERE open_units > 0;
{partial}CREATE INDEX {reservations}_soft ON {reservations} (tenant, item, soft_until) WHERE soft > 0;
{plain}CREATE INDEX {reservations}_soft ON {reservations} (tenant, item, soft_until);

CREATE TABLE {fulfillments} (
	tenant   {id}   NOT NULL,
	id       {id}   NOT NULL,
	order_id {id}   NOT NULL,
	location {id}   NOT NULL,
	work     {id}   NOT NULL,
	live     BIGINT NOT NULL,
	version  BIGINT NOT NULL,
	body     {text} NOT NULL,
	PRIMARY KEY (tenant, id)
){clustered};
CREATE INDEX {fulfillments}_order ON {fulfillments} (tenant, order_id, id);
CREATE INDEX {fulfillments}_location ON {fulfillments} (tenant, location, live, id);
CREATE INDEX {fulfillments}_live ON {fulfillments} (tenant, live, id);

CREATE TABLE {shipments} (
	tenant         {id}   NOT NULL,
	id             {id}   NOT NULL,
	order_id       {id}   NOT NULL,
	fulfillment_id {id}   NOT NULL,
	location       {id}   NOT NULL,
	state          {id}   NOT NULL,
	version        BIGINT NOT NULL,
	body           {text} NOT NULL,
	PRIMARY KEY (tenant, id)
){clustered};
CREATE INDEX {shipments}_order ON {shipments} (tenant, order_id, id);

CREATE TABLE {returns} (
	tenant   {id}   NOT NULL,
	id       {id}   NOT NULL,
	order_id {id}   NOT NULL,
	customer {id}   NOT NULL,
	state    {id}   NOT NULL,
	version  BIGINT NOT NULL,
	body     {text} NOT NULL,
	PRIMARY KEY (tenant, id)
){clustered};
CREATE INDEX {returns}_order ON {returns} (tenant, order_id, id);
CREATE INDEX {returns}_customer ON {returns} (tenant, customer, id);
CREATE INDEX {returns}_state ON {returns} (tenant, state, id);

CREATE TABLE {events} (
	tenant    {id}   NOT NULL,
	aggregate {id}   NOT NULL,
	version   BIGINT NOT NULL,
	id        {id}   NOT NULL,
	seq       BIGINT NOT NULL,
	kind      {id}   NOT NULL,
	at        BIGINT,
	actor     {text} NOT NULL,
	data      {text} NOT NULL,
	PRIMARY KEY (tenant, aggregate, version, id)
){clustered};
CREATE INDEX {events}_seq ON {events} (tenant, seq, id);

CREATE TABLE {feeds} (
	tenant {id}   NOT NULL,
	last   BIGINT NOT NULL,
	PRIMARY KEY (tenant)
){clustered};

CREATE TABLE {commands} (
	tenant  {id}   NOT NULL,
	id      {id}   NOT NULL,
	command {id}   NOT NULL,
	hash    {text} NOT NULL,
	result  {text} NOT NULL,
	at      BIGINT,
	PRIMARY KEY (tenant, id)
){clustered};
