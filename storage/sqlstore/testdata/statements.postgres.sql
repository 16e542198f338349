-- The statements of the library, for postgres. An INSERT may have more rows, a list more
-- values, an UPDATE another choice of columns, a page more or fewer conditions.

DELETE FROM oms_letters WHERE tenant = $1 AND consumer = $2 AND shard = $3 AND aggregate = $4;

DELETE FROM oms_order_lines WHERE tenant = $1 AND order_id = $2 AND line_no = $3;

INSERT INTO oms_commands (tenant, id, command, hash, result, at) VALUES ($1, $2, $3, $4, $5, $6);

INSERT INTO oms_cursors (tenant, consumer, shard, shards, done_to, letters, claims, careful, owner, lease_until, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

INSERT INTO oms_events (tenant, aggregate, version, id, seq, kind, at, actor, data) VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8);

INSERT INTO oms_feeds (tenant, last) VALUES ($1, $2);

INSERT INTO oms_fulfillments (tenant, id, order_id, location, work, live, version, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

INSERT INTO oms_items (tenant, id, sku, name, scale, untracked, backorder, safety, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant, id) DO UPDATE SET sku = excluded.sku, name = excluded.name, scale = excluded.scale, untracked = excluded.untracked, backorder = excluded.backorder, safety = excluded.safety, body = excluded.body;

INSERT INTO oms_letters (tenant, consumer, shard, aggregate, seq, attempts, error, at, due, dead, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

INSERT INTO oms_levels (tenant, item, location, safety, frozen, untracked, unstocked, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

INSERT INTO oms_locations (tenant, id, name, priority, lat, lng, country, inactive) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, priority = excluded.priority, lat = excluded.lat, lng = excluded.lng, country = excluded.country, inactive = excluded.inactive;

INSERT INTO oms_order_lines (tenant, order_id, line_no, item, sku, title, unit_price, tax_rate, stocked, backorder, amount, net, tax, total, ordered, unreserved, reserved, backordered, picked, packed, shipped, cancelled, delivered, return_open, returned, lost, restocked, written_off, refunded_units, shares, metadata) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31);

INSERT INTO oms_orders (tenant, id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, NULL, $14, $15, $16);

INSERT INTO oms_reservations (tenant, owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version) VALUES ($1, $2, $3, $4, $5, '', $6, $7, 0, 0, 0, 0, $8, $9, $10);

INSERT INTO oms_returns (tenant, id, order_id, customer, state, version, body) VALUES ($1, $2, $3, $4, $5, $6, $7);

INSERT INTO oms_shipments (tenant, id, order_id, fulfillment_id, location, state, version, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

INSERT INTO oms_stock_balances (tenant, item, location, lot, free, soft, committed, picked, packed, qc, damaged, held) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, $12, $13);

INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, $12, $13), ($1, $14, $15, $16, $17, $18, $19, $20, '', $21, $22, $23, $24, $25), ($1, $26, $27, $28, $29, $30, $31, $32, '', $33, $34, $35, $36, $37), ($1, $38, $39, $40, $41, $42, $43, $44, '', $45, $46, $47, $48, $49), ($1, $50, $51, $52, $53, $54, $55, $56, '', $57, $58, $59, $60, $61);

INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, $12, $13), ($1, $14, $15, $16, $17, $18, $19, $20, '', $21, $22, $23, $24, $25), ($1, $26, $27, $28, $29, $30, $31, $32, '', $33, $34, $35, $36, $37), ($1, $38, $39, $40, $41, $42, $43, $44, '', $45, $46, $47, $48, $49), ($1, $50, $51, $52, $53, $54, $55, $56, '', $57, $58, $59, $60, $61), ($1, $62, $63, $64, $65, $66, $67, $68, '', $69, $70, $71, $72, $73), ($1, $74, $75, $76, $77, $78, $79, $80, '', $81, $82, $83, $84, $85), ($1, $86, $87, $88, $89, $90, $91, $92, '', $93, $94, $95, $96, $97), ($1, $98, $99, $100, $101, $102, $103, $104, '', $105, $106, $107, $108, $109), ($1, $110, $111, $112, $113, $114, $115, $116, '', $117, $118, $119, $120, $121), ($1, $122, $123, $124, $125, $126, $127, $128, '', $129, $130, $131, $132, $133), ($1, $134, $135, $136, $137, $138, $139, $140, '', $141, $142, $143, $144, $145), ($1, $146, $147, $148, $149, $150, $151, $152, '', $153, $154, $155, $156, $157), ($1, $158, $159, $160, $161, $162, $163, $164, '', $165, $166, $167, $168, $169), ($1, $170, $171, $172, $173, $174, $175, $176, '', $177, $178, $179, $180, $181), ($1, $182, $183, $184, $185, $186, $187, $188, '', $189, $190, $191, $192, $193);

INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, $12, $13), ($1, $14, $15, $16, $17, $18, $19, $20, '', $21, $22, $23, $24, $25), ($1, $26, $27, $28, $29, $30, $31, $32, '', $33, $34, $35, $36, $37), ($1, $38, $39, $40, $41, $42, $43, $44, '', $45, $46, $47, $48, $49), ($1, $50, $51, $52, $53, $54, $55, $56, '', $57, $58, $59, $60, $61), ($1, $62, $63, $64, $65, $66, $67, $68, '', $69, $70, $71, $72, $73), ($1, $74, $75, $76, $77, $78, $79, $80, '', $81, $82, $83, $84, $85), ($1, $86, $87, $88, $89, $90, $91, $92, '', $93, $94, $95, $96, $97), ($1, $98, $99, $100, $101, $102, $103, $104, '', $105, $106, $107, $108, $109), ($1, $110, $111, $112, $113, $114, $115, $116, '', $117, $118, $119, $120, $121), ($1, $122, $123, $124, $125, $126, $127, $128, '', $129, $130, $131, $132, $133), ($1, $134, $135, $136, $137, $138, $139, $140, '', $141, $142, $143, $144, $145), ($1, $146, $147, $148, $149, $150, $151, $152, '', $153, $154, $155, $156, $157), ($1, $158, $159, $160, $161, $162, $163, $164, '', $165, $166, $167, $168, $169), ($1, $170, $171, $172, $173, $174, $175, $176, '', $177, $178, $179, $180, $181), ($1, $182, $183, $184, $185, $186, $187, $188, '', $189, $190, $191, $192, $193), ($1, $194, $195, $196, $197, $198, $199, $200, '', $201, $202, $203, $204, $205), ($1, $206, $207, $208, $209, $210, $211, $212, '', $213, $214, $215, $216, $217), ($1, $218, $219, $220, $221, $222, $223, $224, '', $225, $226, $227, $228, $229), ($1, $230, $231, $232, $233, $234, $235, $236, '', $237, $238, $239, $240, $241), ($1, $242, $243, $244, $245, $246, $247, $248, '', $249, $250, $251, $252, $253), ($1, $254, $255, $256, $257, $258, $259, $260, '', $261, $262, $263, $264, $265), ($1, $266, $267, $268, $269, $270, $271, $272, '', $273, $274, $275, $276, $277), ($1, $278, $279, $280, $281, $282, $283, $284, '', $285, $286, $287, $288, $289), ($1, $290, $291, $292, $293, $294, $295, $296, '', $297, $298, $299, $300, $301), ($1, $302, $303, $304, $305, $306, $307, $308, '', $309, $310, $311, $312, $313), ($1, $314, $315, $316, $317, $318, $319, $320, '', $321, $322, $323, $324, $325), ($1, $326, $327, $328, $329, $330, $331, $332, '', $333, $334, $335, $336, $337), ($1, $338, $339, $340, $341, $342, $343, $344, '', $345, $346, $347, $348, $349), ($1, $350, $351, $352, $353, $354, $355, $356, '', $357, $358, $359, $360, $361), ($1, $362, $363, $364, $365, $366, $367, $368, '', $369, $370, $371, $372, $373), ($1, $374, $375, $376, $377, $378, $379, $380, '', $381, $382, $383, $384, $385);

INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, $12, $13), ($1, $14, $15, $16, $17, $18, $19, $20, '', $21, $22, $23, $24, $25), ($1, $26, $27, $28, $29, $30, $31, $32, '', $33, $34, $35, $36, $37), ($1, $38, $39, $40, $41, $42, $43, $44, '', $45, $46, $47, $48, $49), ($1, $50, $51, $52, $53, $54, $55, $56, '', $57, $58, $59, $60, $61), ($1, $62, $63, $64, $65, $66, $67, $68, '', $69, $70, $71, $72, $73), ($1, $74, $75, $76, $77, $78, $79, $80, '', $81, $82, $83, $84, $85), ($1, $86, $87, $88, $89, $90, $91, $92, '', $93, $94, $95, $96, $97), ($1, $98, $99, $100, $101, $102, $103, $104, '', $105, $106, $107, $108, $109), ($1, $110, $111, $112, $113, $114, $115, $116, '', $117, $118, $119, $120, $121), ($1, $122, $123, $124, $125, $126, $127, $128, '', $129, $130, $131, $132, $133), ($1, $134, $135, $136, $137, $138, $139, $140, '', $141, $142, $143, $144, $145), ($1, $146, $147, $148, $149, $150, $151, $152, '', $153, $154, $155, $156, $157), ($1, $158, $159, $160, $161, $162, $163, $164, '', $165, $166, $167, $168, $169), ($1, $170, $171, $172, $173, $174, $175, $176, '', $177, $178, $179, $180, $181), ($1, $182, $183, $184, $185, $186, $187, $188, '', $189, $190, $191, $192, $193), ($1, $194, $195, $196, $197, $198, $199, $200, '', $201, $202, $203, $204, $205), ($1, $206, $207, $208, $209, $210, $211, $212, '', $213, $214, $215, $216, $217), ($1, $218, $219, $220, $221, $222, $223, $224, '', $225, $226, $227, $228, $229), ($1, $230, $231, $232, $233, $234, $235, $236, '', $237, $238, $239, $240, $241), ($1, $242, $243, $244, $245, $246, $247, $248, '', $249, $250, $251, $252, $253), ($1, $254, $255, $256, $257, $258, $259, $260, '', $261, $262, $263, $264, $265), ($1, $266, $267, $268, $269, $270, $271, $272, '', $273, $274, $275, $276, $277), ($1, $278, $279, $280, $281, $282, $283, $284, '', $285, $286, $287, $288, $289), ($1, $290, $291, $292, $293, $294, $295, $296, '', $297, $298, $299, $300, $301), ($1, $302, $303, $304, $305, $306, $307, $308, '', $309, $310, $311, $312, $313), ($1, $314, $315, $316, $317, $318, $319, $320, '', $321, $322, $323, $324, $325), ($1, $326, $327, $328, $329, $330, $331, $332, '', $333, $334, $335, $336, $337), ($1, $338, $339, $340, $341, $342, $343, $344, '', $345, $346, $347, $348, $349), ($1, $350, $351, $352, $353, $354, $355, $356, '', $357, $358, $359, $360, $361), ($1, $362, $363, $364, $365, $366, $367, $368, '', $369, $370, $371, $372, $373), ($1, $374, $375, $376, $377, $378, $379, $380, '', $381, $382, $383, $384, $385), ($1, $386, $387, $388, $389, $390, $391, $392, '', $393, $394, $395, $396, $397), ($1, $398, $399, $400, $401, $402, $403, $404, '', $405, $406, $407, $408, $409), ($1, $410, $411, $412, $413, $414, $415, $416, '', $417, $418, $419, $420, $421), ($1, $422, $423, $424, $425, $426, $427, $428, '', $429, $430, $431, $432, $433), ($1, $434, $435, $436, $437, $438, $439, $440, '', $441, $442, $443, $444, $445), ($1, $446, $447, $448, $449, $450, $451, $452, '', $453, $454, $455, $456, $457), ($1, $458, $459, $460, $461, $462, $463, $464, '', $465, $466, $467, $468, $469), ($1, $470, $471, $472, $473, $474, $475, $476, '', $477, $478, $479, $480, $481), ($1, $482, $483, $484, $485, $486, $487, $488, '', $489, $490, $491, $492, $493), ($1, $494, $495, $496, $497, $498, $499, $500, '', $501, $502, $503, $504, $505), ($1, $506, $507, $508, $509, $510, $511, $512, '', $513, $514, $515, $516, $517), ($1, $518, $519, $520, $521, $522, $523, $524, '', $525, $526, $527, $528, $529), ($1, $530, $531, $532, $533, $534, $535, $536, '', $537, $538, $539, $540, $541), ($1, $542, $543, $544, $545, $546, $547, $548, '', $549, $550, $551, $552, $553), ($1, $554, $555, $556, $557, $558, $559, $560, '', $561, $562, $563, $564, $565), ($1, $566, $567, $568, $569, $570, $571, $572, '', $573, $574, $575, $576, $577), ($1, $578, $579, $580, $581, $582, $583, $584, '', $585, $586, $587, $588, $589), ($1, $590, $591, $592, $593, $594, $595, $596, '', $597, $598, $599, $600, $601), ($1, $602, $603, $604, $605, $606, $607, $608, '', $609, $610, $611, $612, $613), ($1, $614, $615, $616, $617, $618, $619, $620, '', $621, $622, $623, $624, $625), ($1, $626, $627, $628, $629, $630, $631, $632, '', $633, $634, $635, $636, $637), ($1, $638, $639, $640, $641, $642, $643, $644, '', $645, $646, $647, $648, $649), ($1, $650, $651, $652, $653, $654, $655, $656, '', $657, $658, $659, $660, $661), ($1, $662, $663, $664, $665, $666, $667, $668, '', $669, $670, $671, $672, $673), ($1, $674, $675, $676, $677, $678, $679, $680, '', $681, $682, $683, $684, $685), ($1, $686, $687, $688, $689, $690, $691, $692, '', $693, $694, $695, $696, $697), ($1, $698, $699, $700, $701, $702, $703, $704, '', $705, $706, $707, $708, $709), ($1, $710, $711, $712, $713, $714, $715, $716, '', $717, $718, $719, $720, $721), ($1, $722, $723, $724, $725, $726, $727, $728, '', $729, $730, $731, $732, $733), ($1, $734, $735, $736, $737, $738, $739, $740, '', $741, $742, $743, $744, $745), ($1, $746, $747, $748, $749, $750, $751, $752, '', $753, $754, $755, $756, $757), ($1, $758, $759, $760, $761, $762, $763, $764, '', $765, $766, $767, $768, $769);

RELEASE SAVEPOINT oms_savepoint_1;

SAVEPOINT oms_savepoint_1;

SELECT aggregate, version, id FROM oms_events WHERE tenant = $1 AND seq = 0 AND aggregate IN ($2) ORDER BY id;

SELECT aggregate, version, id FROM oms_events WHERE tenant = $1 AND seq = 0 ORDER BY id LIMIT $2;

SELECT aggregate, version, id, seq, kind, at, actor, data FROM oms_events WHERE tenant = $1 AND aggregate = $2 AND (version, id) > ($3, $4) ORDER BY version, id LIMIT $5;

SELECT aggregate, version, id, seq, kind, at, actor, data FROM oms_events WHERE tenant = $1 AND aggregate = $2 AND seq > $3 ORDER BY seq LIMIT $4;

SELECT aggregate, version, id, seq, kind, at, actor, data FROM oms_events WHERE tenant = $1 AND aggregate = $2 ORDER BY version, id LIMIT $3;

SELECT aggregate, version, id, seq, kind, at, actor, data FROM oms_events WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3;

SELECT consumer, shard, aggregate, seq, attempts, error, at, due, dead, version FROM oms_letters WHERE tenant = $1 AND consumer = $2 AND shard = $3 ORDER BY aggregate;

SELECT consumer, shard, shards, done_to, letters, claims, careful, owner, lease_until, version FROM oms_cursors WHERE tenant = $1 AND consumer = $2 ORDER BY shard;

SELECT i.id, i.sku, i.name, i.scale, i.untracked, i.backorder, i.safety, i.body, b.location, b.lot, b.free, b.soft, b.committed, b.picked, b.packed, b.qc, b.damaged, b.held, l.id, l.name, l.priority, l.lat, l.lng, l.country, l.inactive, i.leveled FROM oms_items i LEFT JOIN oms_stock_balances b ON b.tenant = i.tenant AND b.item = i.id LEFT JOIN oms_locations l ON l.tenant = b.tenant AND l.id = b.location WHERE i.tenant = $1 AND i.id IN ($2, $3, $4, $5);

SELECT id, command, hash, result, at FROM oms_commands WHERE tenant = $1 AND id = $2;

SELECT id, name, priority, lat, lng, country, inactive FROM oms_locations WHERE tenant = $1 AND (id) > ($2) ORDER BY id LIMIT $3;

SELECT id, name, priority, lat, lng, country, inactive FROM oms_locations WHERE tenant = $1 AND id IN ($2);

SELECT id, name, priority, lat, lng, country, inactive FROM oms_locations WHERE tenant = $1 AND id IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33);

SELECT id, name, priority, lat, lng, country, inactive FROM oms_locations WHERE tenant = $1 ORDER BY id LIMIT $2;

SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.pay_by < $3 AND o.state = $4 ORDER BY o.id DESC LIMIT $5) AS b0 UNION ALL SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $6 AND o.id < $7 AND o.pay_by < $8 AND o.state = $9 ORDER BY o.id DESC LIMIT $10) AS b1 ORDER BY id DESC LIMIT $11;

SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.placed_at >= $3 AND o.placed_at < $4 AND o.state = $5 ORDER BY o.id DESC LIMIT $6) AS b0 UNION ALL SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $7 AND o.id < $8 AND o.placed_at >= $9 AND o.placed_at < $10 AND o.state = $11 ORDER BY o.id DESC LIMIT $12) AS b1 ORDER BY id DESC LIMIT $13;

SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.state = $3 ORDER BY o.id DESC LIMIT $4) AS b0 UNION ALL SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM (SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $5 AND o.id < $6 AND o.state = $7 ORDER BY o.id DESC LIMIT $8) AS b1 ORDER BY id DESC LIMIT $9;

SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM oms_orders WHERE tenant = $1 AND id = $2;

SELECT id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body FROM oms_orders WHERE tenant = $1 AND number = $2;

SELECT id, order_id, customer, state, version, body FROM (SELECT id, order_id, customer, state, version, body FROM oms_returns WHERE tenant = $1 AND id < $2 AND state = $3 ORDER BY id DESC LIMIT $4) AS b0 UNION ALL SELECT id, order_id, customer, state, version, body FROM (SELECT id, order_id, customer, state, version, body FROM oms_returns WHERE tenant = $5 AND id < $6 AND state = $7 ORDER BY id DESC LIMIT $8) AS b1 ORDER BY id DESC LIMIT $9;

SELECT id, order_id, customer, state, version, body FROM oms_returns WHERE tenant = $1 AND id < $2 AND customer = $3 AND state IN ($4) ORDER BY id DESC LIMIT $5;

SELECT id, order_id, customer, state, version, body FROM oms_returns WHERE tenant = $1 AND id < $2 AND customer = $3 ORDER BY id DESC LIMIT $4;

SELECT id, order_id, customer, state, version, body FROM oms_returns WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

SELECT id, order_id, customer, state, version, body FROM oms_returns WHERE tenant = $1 AND id = $2;

SELECT id, order_id, customer, state, version, body FROM oms_returns WHERE tenant = $1 AND order_id = $2 ORDER BY id;

SELECT id, order_id, fulfillment_id, location, state, version, body FROM oms_shipments WHERE tenant = $1 AND id = $2;

SELECT id, order_id, fulfillment_id, location, state, version, body FROM oms_shipments WHERE tenant = $1 AND order_id = $2 ORDER BY id;

SELECT id, order_id, location, work, live, version, body FROM (SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments WHERE tenant = $1 AND id < $2 AND location = $3 AND live = $4 ORDER BY id DESC LIMIT $5) AS b0 UNION ALL SELECT id, order_id, location, work, live, version, body FROM (SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments WHERE tenant = $6 AND id < $7 AND location = $8 AND live = $9 ORDER BY id DESC LIMIT $10) AS b1 ORDER BY id DESC LIMIT $11;

SELECT id, order_id, location, work, live, version, body FROM (SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments WHERE tenant = $1 AND id < $2 AND location = $3 AND work IN ($4, $5) AND live = $6 ORDER BY id DESC LIMIT $7) AS b0 UNION ALL SELECT id, order_id, location, work, live, version, body FROM (SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments WHERE tenant = $8 AND id < $9 AND location = $10 AND work IN ($11, $12) AND live = $13 ORDER BY id DESC LIMIT $14) AS b1 ORDER BY id DESC LIMIT $15;

SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments WHERE tenant = $1 AND id < $2 AND work IN ($3, $4) AND live = $5 ORDER BY id DESC LIMIT $6;

SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments WHERE tenant = $1 AND id = $2;

SELECT id, order_id, location, work, live, version, body FROM oms_fulfillments WHERE tenant = $1 AND order_id = $2 ORDER BY id;

SELECT id, sku, name, scale, untracked, backorder, safety, body FROM oms_items WHERE tenant = $1 AND (id) > ($2) ORDER BY id LIMIT $3;

SELECT id, sku, name, scale, untracked, backorder, safety, body FROM oms_items WHERE tenant = $1 AND id = $2;

SELECT id, sku, name, scale, untracked, backorder, safety, body FROM oms_items WHERE tenant = $1 ORDER BY id LIMIT $2;

SELECT id, sku, name, scale, untracked, backorder, safety, body, leveled FROM oms_items WHERE tenant = $1 AND id IN ($2, $3, $4, $5);

SELECT id, sku, name, scale, untracked, backorder, safety, body, leveled FROM oms_items WHERE tenant = $1 AND id IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33);

SELECT item, location, CASE WHEN lot = '' THEN NULL ELSE lot END, free FROM oms_stock_balances WHERE tenant = $1 AND free > 0 AND (item = $2 OR item IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34));

SELECT item, location, CASE WHEN lot = '' THEN NULL ELSE lot END, free FROM oms_stock_balances WHERE tenant = $1 AND free > 0 AND item IN ($2, $3, $4, $5) AND location IN ($6);

SELECT item, location, lot, free, soft, committed, picked, packed, qc, damaged, held FROM oms_stock_balances WHERE tenant = $1 AND (item, location, lot) > ($2, $3, $4) ORDER BY item, location, lot LIMIT $5;

SELECT item, location, lot, free, soft, committed, picked, packed, qc, damaged, held FROM oms_stock_balances WHERE tenant = $1 ORDER BY item, location, lot LIMIT $2;

SELECT item, location, safety, frozen, untracked, unstocked, version FROM oms_levels WHERE tenant = $1 AND (item, location) > ($2, $3) ORDER BY item, location LIMIT $4;

SELECT item, location, safety, frozen, untracked, unstocked, version FROM oms_levels WHERE tenant = $1 ORDER BY item, location LIMIT $2;

SELECT kind, id, parent, ord, live, version, body FROM oms_documents WHERE tenant = $1 AND kind = $2 AND id IN ($3, $4);

SELECT kind, id, parent, ord, live, version, body FROM oms_documents WHERE tenant = $1 AND kind = $2 AND live = 1 AND parent IN ($3) AND ord < $4 ORDER BY parent, ord, id LIMIT $5;

SELECT kind, id, parent, ord, live, version, body FROM oms_documents WHERE tenant = $1 AND kind = $2 AND live = 1 ORDER BY parent, ord, id LIMIT $3;

SELECT kind, id, parent, ord, live, version, body FROM oms_documents WHERE tenant = $1 AND kind = $2 AND parent IN ($3) ORDER BY parent DESC, ord DESC, id DESC LIMIT $4;

SELECT kind, id, parent, ord, live, version, body FROM oms_documents WHERE tenant = $1 AND kind = $2 AND parent IN ($3, $4) AND (parent, ord, id) > ($5, $6, $7) ORDER BY parent, ord, id LIMIT $8;

SELECT last FROM oms_feeds WHERE tenant = $1;

SELECT last FROM oms_feeds WHERE tenant = $1 FOR UPDATE;

SELECT lot, from_location, from_state, to_location, to_state, CAST(SUM(qty) AS BIGINT), COUNT(*) FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND (at, posting, n) <= ($3, $4, $5) GROUP BY lot, from_location, from_state, to_location, to_state;

SELECT lot, from_location, from_state, to_location, to_state, CAST(SUM(qty) AS BIGINT), COUNT(*) FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND (at, posting, n) > ($3, $4, $5) AND (at, posting, n) <= ($6, $7, $8) GROUP BY lot, from_location, from_state, to_location, to_state;

SELECT lot, from_location, from_state, to_location, to_state, CAST(SUM(qty) AS BIGINT), COUNT(*) FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND at IS NULL AND (posting, n) <= ($3, $4) GROUP BY lot, from_location, from_state, to_location, to_state;

SELECT lot, from_location, from_state, to_location, to_state, CAST(SUM(qty) AS BIGINT), COUNT(*) FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND at IS NULL GROUP BY lot, from_location, from_state, to_location, to_state;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_order_lines l JOIN oms_orders o ON o.tenant = l.tenant AND o.id = l.order_id WHERE l.tenant = $1 AND l.item = $2 AND l.order_id < $3 AND NOT EXISTS (SELECT 1 FROM oms_order_lines e WHERE e.tenant = l.tenant AND e.item = l.item AND e.order_id = l.order_id AND e.line_no < l.line_no) AND o.state IN ($4, $5) AND o.customer = $6 AND o.customer <> '' ORDER BY l.order_id DESC LIMIT $7;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_order_lines l JOIN oms_orders o ON o.tenant = l.tenant AND o.id = l.order_id WHERE l.tenant = $1 AND l.item = $2 AND l.order_id < $3 AND NOT EXISTS (SELECT 1 FROM oms_order_lines e WHERE e.tenant = l.tenant AND e.item = l.item AND e.order_id = l.order_id AND e.line_no < l.line_no) ORDER BY l.order_id DESC LIMIT $4;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.channel = $3 AND o.fulfillment = $4 ORDER BY o.id DESC LIMIT $5;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.customer = $3 AND o.customer <> '' ORDER BY o.id DESC LIMIT $4;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.fulfillment = $3 ORDER BY o.id DESC LIMIT $4;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.fulfillment = 'partial' ORDER BY o.id DESC LIMIT $3;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.on_hold = 1 ORDER BY o.id DESC LIMIT $3;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.pay_by < $3 AND o.state = $4 ORDER BY o.id DESC LIMIT $5;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.pay_by < $3 ORDER BY o.id DESC LIMIT $4;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.payment = $3 AND o.state = $4 ORDER BY o.id DESC LIMIT $5;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.payment = $3 ORDER BY o.id DESC LIMIT $4;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.placed_at < $3 ORDER BY o.id DESC LIMIT $4;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.placed_at >= $3 AND o.placed_at < $4 ORDER BY o.id DESC LIMIT $5;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.placed_at >= $3 ORDER BY o.id DESC LIMIT $4;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.returns = $3 AND o.returns <> 'none' ORDER BY o.id DESC LIMIT $4;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.returns = 'none' AND o.state = $3 ORDER BY o.id DESC LIMIT $4;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.returns = 'none' ORDER BY o.id DESC LIMIT $3;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.state = $3 ORDER BY o.id DESC LIMIT $4;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.state IN ($3, $4) AND o.customer = $5 AND o.customer <> '' ORDER BY o.id DESC LIMIT $6;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 AND o.state IN ($3, $4) AND o.on_hold = 1 ORDER BY o.id DESC LIMIT $5;

SELECT o.id, o.number, o.version, o.state, o.channel, o.customer, o.currency, o.total, o.due, o.payment, o.fulfillment, o.returns, o.on_hold, o.pay_by, o.placed_at, o.updated_at, o.body FROM oms_orders o WHERE o.tenant = $1 AND o.id < $2 ORDER BY o.id DESC LIMIT $3;

SELECT order_id, line_no, item, sku, title, unit_price, tax_rate, stocked, backorder, amount, net, tax, total, ordered, unreserved, reserved, backordered, picked, packed, shipped, cancelled, delivered, return_open, returned, lost, restocked, written_off, refunded_units, shares, metadata FROM oms_order_lines WHERE tenant = $1 AND order_id = $2 ORDER BY line_no;

SELECT order_id, line_no, item, sku, title, unit_price, tax_rate, stocked, backorder, amount, net, tax, total, ordered, unreserved, reserved, backordered, picked, packed, shipped, cancelled, delivered, return_open, returned, lost, restocked, written_off, refunded_units, shares, metadata FROM oms_order_lines WHERE tenant = $1 AND order_id >= $2 AND order_id <= $3 ORDER BY order_id, line_no;

SELECT order_id, line_no, item, sku, title, unit_price, tax_rate, stocked, backorder, amount, net, tax, total, ordered, unreserved, reserved, backordered, picked, packed, shipped, cancelled, delivered, return_open, returned, lost, restocked, written_off, refunded_units, shares, metadata FROM oms_order_lines WHERE tenant = $1 AND order_id IN ($2, $3) ORDER BY order_id, line_no;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = $1 AND (owner, line, item, location, lot) > ($2, $3, $4, $5, $6) ORDER BY owner, line, item, location, lot LIMIT $7;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = $1 AND item = $2 AND open_units > 0 AND (owner, line, item, location, lot) > ($3, $4, $5, $6, $7) ORDER BY owner, line, item, location, lot LIMIT $8;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = $1 AND item = $2 AND open_units > 0 ORDER BY owner, line, item, location, lot LIMIT $3;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = $1 AND item IN ($2) AND soft > 0 AND soft_until <= $3;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = $1 AND item IN ($2, $3, $4, $5) AND soft > 0 AND soft_until <= $6;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = $1 AND item IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33) AND soft > 0 AND soft_until <= $34;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = $1 AND owner = $2 AND open_units > 0 ORDER BY owner, line, item, location, lot LIMIT $3;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = $1 AND owner = $2 ORDER BY owner, line, item, location, lot;

SELECT owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version FROM oms_reservations WHERE tenant = $1 ORDER BY owner, line, item, location, lot LIMIT $2;

SELECT posting FROM oms_stock_movements WHERE tenant = $1 AND item = $2 LIMIT 1;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND (posting, n) > ($2, $3) ORDER BY posting, n LIMIT $4;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND document = $2 AND document <> '' AND item = $3 AND (at IS NULL OR at < $4) AND at IS NOT NULL AND (at, posting, n) > ($5, $6, $7) ORDER BY at, posting, n LIMIT $8;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND document = $2 AND document <> '' AND item = $3 AND at IS NOT NULL AND (at, posting, n) > ($4, $5, $6) ORDER BY at, posting, n LIMIT $7;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND document = $2 AND document <> '' AND item = $3 AND at IS NOT NULL ORDER BY at, posting, n LIMIT $4;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND document = $2 AND document <> '' AND item = $3 AND at IS NULL ORDER BY posting, n LIMIT $4;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND (from_location = $3 AND from_state = $4 OR to_location = $5 AND to_state = $6) AND at >= $7 AND at IS NOT NULL AND (at, posting, n) < ($8, $9, $10) ORDER BY at DESC, posting DESC, n DESC LIMIT $11;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND (from_location = $3 AND from_state = $4 OR to_location = $5 AND to_state = $6) AND at >= $7 AND at IS NULL ORDER BY posting DESC, n DESC LIMIT $8;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND at IS NOT NULL AND (at, posting, n) > ($3, $4, $5) ORDER BY at, posting, n LIMIT $6;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND at IS NOT NULL AND at <= $3 AND (at, posting, n) > ($4, $5, $6) ORDER BY at, posting, n LIMIT $7;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND at IS NOT NULL AND at <= $3 ORDER BY at, posting, n LIMIT $4;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND at IS NOT NULL ORDER BY at DESC, posting DESC, n DESC LIMIT $3;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND at IS NOT NULL ORDER BY at, posting, n LIMIT $3;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND at IS NULL AND (posting, n) > ($3, $4) ORDER BY posting, n LIMIT $5;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND item = $2 AND at IS NULL ORDER BY posting, n LIMIT $3;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 AND posting = $2 ORDER BY n;

SELECT posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty FROM oms_stock_movements WHERE tenant = $1 ORDER BY posting, n LIMIT $2;

SELECT tenant FROM oms_cursors WHERE tenant = $1 AND consumer = $2 AND shard = $3 FOR UPDATE;

SELECT tenant FROM oms_documents WHERE tenant = $1 AND kind = $2 AND id = $3 FOR UPDATE;

SELECT tenant FROM oms_fulfillments WHERE tenant = $1 AND id = $2 FOR UPDATE;

SELECT tenant FROM oms_letters WHERE tenant = $1 AND consumer = $2 AND shard = $3 AND aggregate = $4 FOR UPDATE;

SELECT tenant FROM oms_levels WHERE tenant = $1 AND item = $2 AND location = $3 FOR UPDATE;

SELECT tenant FROM oms_order_lines WHERE tenant = $1 AND order_id = $2 AND line_no = $3 FOR UPDATE;

SELECT tenant FROM oms_orders WHERE tenant = $1 AND id = $2 FOR UPDATE;

SELECT tenant FROM oms_reservations WHERE tenant = $1 AND owner = $2 AND line = $3 AND item = $4 AND location = $5 AND lot = $6 FOR UPDATE;

SELECT tenant FROM oms_returns WHERE tenant = $1 AND id = $2 FOR UPDATE;

SELECT tenant FROM oms_shipments WHERE tenant = $1 AND id = $2 FOR UPDATE;

SELECT tenant FROM oms_stock_balances WHERE tenant = $1 AND item = $2 AND location = $3 AND lot = $4 FOR UPDATE;

SELECT v.item, v.location, v.safety, v.frozen, v.untracked, v.unstocked, v.version, l.id, l.name, l.priority, l.lat, l.lng, l.country, l.inactive FROM oms_levels v LEFT JOIN oms_locations l ON l.tenant = v.tenant AND l.id = v.location WHERE v.tenant = $1 AND v.item IN ($2);

UPDATE oms_cursors SET shards = $1, done_to = $2, letters = $3, claims = $4, careful = $5, owner = $6, lease_until = $7, version = $8 WHERE tenant = $9 AND consumer = $10 AND shard = $11 AND version = $12;

UPDATE oms_events SET seq = $1 WHERE tenant = $2 AND aggregate = $3 AND version = $4 AND id = $5 AND seq = 0;

UPDATE oms_feeds SET last = $1 WHERE tenant = $2;

UPDATE oms_fulfillments SET version = $1 WHERE tenant = $2 AND id = $3 AND version = $4;

UPDATE oms_items SET leveled = 1 WHERE tenant = $1 AND id = $2;

UPDATE oms_letters SET seq = $1, attempts = $2, error = $3, at = $4, due = $5, dead = $6, version = $7 WHERE tenant = $8 AND consumer = $9 AND shard = $10 AND aggregate = $11 AND version = $12;

UPDATE oms_levels SET safety = $1, frozen = $2, untracked = $3, unstocked = $4, version = $5 WHERE tenant = $6 AND item = $7 AND location = $8 AND version = $9;

UPDATE oms_order_lines SET ordered = $1, unreserved = $2 WHERE tenant = $3 AND order_id = $4 AND line_no = $5;

UPDATE oms_orders SET version = $1 WHERE tenant = $2 AND id = $3 AND version = $4;

UPDATE oms_reservations SET soft = $1, committed = $2, picked = $3, packed = $4, shipped = $5, released = $6, open_units = $7, soft_until = $8, version = $9 WHERE tenant = $10 AND owner = $11 AND line = $12 AND item = $13 AND location = $14 AND lot = $15 AND version = $16;

UPDATE oms_returns SET version = $1 WHERE tenant = $2 AND id = $3 AND version = $4;

UPDATE oms_shipments SET version = $1 WHERE tenant = $2 AND id = $3 AND version = $4;

UPDATE oms_stock_balances SET free = $1, soft = $2, committed = $3, picked = $4, packed = $5, qc = $6, damaged = $7, held = $8 WHERE tenant = $9 AND item = $10 AND location = $11 AND lot = $12 AND free = $13 AND soft = $14 AND committed = $15 AND picked = $16 AND packed = $17 AND qc = $18 AND damaged = $19 AND held = $20;

UPDATE oms_stock_balances SET free = free + $1 WHERE tenant = $2 AND item = $3 AND location = $4 AND lot = $5 AND free + $6 <= 1000000000000;

UPDATE oms_stock_balances SET soft = soft + $1, committed = committed + $2 WHERE tenant = $3 AND item = $4 AND location = $5 AND lot = $6 AND soft + $7 >= 0 AND committed + $8 <= 1000000000000;

WITH done AS (DELETE FROM oms_letters WHERE tenant = $1 AND consumer = $2 AND shard = $3 AND aggregate = $4 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (DELETE FROM oms_order_lines WHERE tenant = $1 AND order_id = $2 AND line_no = $3 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_cursors SET shards = $1, done_to = $2, letters = $3, claims = $4, careful = $5, owner = $6, lease_until = $7, version = $8 WHERE tenant = $9 AND consumer = $10 AND shard = $11 AND version = $12 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_events SET seq = $1 WHERE tenant = $2 AND aggregate = $3 AND version = $4 AND id = $5 AND seq = 0 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_feeds SET last = $1 WHERE tenant = $2 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_fulfillments SET version = $1 WHERE tenant = $2 AND id = $3 AND version = $4 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_items SET leveled = 1 WHERE tenant = $1 AND id = $2 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_letters SET seq = $1, attempts = $2, error = $3, at = $4, due = $5, dead = $6, version = $7 WHERE tenant = $8 AND consumer = $9 AND shard = $10 AND aggregate = $11 AND version = $12 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_levels SET safety = $1, frozen = $2, untracked = $3, unstocked = $4, version = $5 WHERE tenant = $6 AND item = $7 AND location = $8 AND version = $9 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_order_lines SET ordered = $1, unreserved = $2 WHERE tenant = $3 AND order_id = $4 AND line_no = $5 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_orders SET version = $1 WHERE tenant = $2 AND id = $3 AND version = $4 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_reservations SET soft = $1, committed = $2, picked = $3, packed = $4, shipped = $5, released = $6, open_units = $7, soft_until = $8, version = $9 WHERE tenant = $10 AND owner = $11 AND line = $12 AND item = $13 AND location = $14 AND lot = $15 AND version = $16 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_returns SET version = $1 WHERE tenant = $2 AND id = $3 AND version = $4 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_shipments SET version = $1 WHERE tenant = $2 AND id = $3 AND version = $4 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_stock_balances SET free = $1, soft = $2, committed = $3, picked = $4, packed = $5, qc = $6, damaged = $7, held = $8 WHERE tenant = $9 AND item = $10 AND location = $11 AND lot = $12 AND free = $13 AND soft = $14 AND committed = $15 AND picked = $16 AND packed = $17 AND qc = $18 AND damaged = $19 AND held = $20 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_stock_balances SET free = free + $1 WHERE tenant = $2 AND item = $3 AND location = $4 AND lot = $5 AND free + $6 <= 1000000000000 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;

WITH done AS (UPDATE oms_stock_balances SET soft = soft + $1, committed = committed + $2 WHERE tenant = $3 AND item = $4 AND location = $5 AND lot = $6 AND soft + $7 >= 0 AND committed + $8 <= 1000000000000 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done;
