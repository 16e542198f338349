package order_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func anyCurrency() *rapid.Generator[order.Currency] { return rapid.SampledFrom(order.Currencies()) }

func anyMoney(c order.Currency) *rapid.Generator[order.Money] {
	return rapid.Custom(func(t *rapid.T) order.Money {
		m, err := order.Minor(rapid.Int64Range(-order.MaxMinor, order.MaxMinor).Draw(t, "minor"), c)
		require.NoError(t, err)
		return m
	})
}

func TestParseMoneyAcceptsPlainNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount, code string
		minor        int64
		text         string
	}{
		{"19.90", "EUR", 1990, "19.90 EUR"},
		{"19.9", "EUR", 1990, "19.90 EUR"},
		{"19", "EUR", 1900, "19.00 EUR"},
		{"-0.05", "EUR", -5, "-0.05 EUR"},
		{"0", "EUR", 0, "0.00 EUR"},
		{"-0.00", "EUR", 0, "0.00 EUR"},
		{"1000", "JPY", 1000, "1000 JPY"},
		{"1000.00", "JPY", 1000, "1000 JPY"},
		{"0", "JPY", 0, "0 JPY"},
		{"19.9000000000000000000000000", "EUR", 1990, "19.90 EUR"},
		{"1.234", "KWD", 1234, "1.234 KWD"},
		{"-0.0001", "CLF", -1, "-0.0001 CLF"},
		{"12.0305", "UYW", 120305, "12.0305 UYW"},
		{"9999999999999.99", "EUR", order.MaxMinor, "9999999999999.99 EUR"},
		{"-999999999999999", "JPY", -order.MaxMinor, "-999999999999999 JPY"},
	} {
		m, err := order.ParseMoney(c.amount, c.code)
		require.NoError(t, err, c.amount)
		require.Equal(t, c.minor, m.MinorUnits(), c.amount)
		require.Equal(t, c.text, m.String())
		require.Equal(t, c.code, m.Currency().Code())
	}
}

func TestParseMoneyRefusesEverythingElse(t *testing.T) {
	t.Parallel()
	for _, amount := range []string{
		"", "-", ".", "-.", "+1", "1.", ".5", "-.5", "007", "-01", "00", "00.1", "1e3", "1E3", "0x10", "1_000", "1,000.00",
		"1.000,00", " 1", "1 ", "--1", "1-", "1.2.3", "NaN", "Inf", "١", "−1", "1\x00", "19.90 EUR", "€1",
	} {
		m, err := order.ParseMoney(amount, "EUR")
		require.ErrorIs(t, err, order.ErrAmount, "amount %q", amount)
		require.ErrorContains(t, err, "write digits", "amount %q", amount)
		require.Equal(t, order.Money{}, m)
	}
	for amount, code := range map[string]string{"19.901": "EUR", "0.5": "JPY", "1.2345": "BHD", "0.00001": "CLF", "1.0000000001": "USD"} {
		_, err := order.ParseMoney(amount, code)
		require.ErrorIs(t, err, order.ErrAmount, "amount %q", amount)
		require.ErrorContains(t, err, "round it first", "amount %q", amount)
		var refused *order.AmountError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, amount, refused.Amount)
		require.Equal(t, order.MustCurrency(code), refused.Currency)
	}
	for _, amount := range []string{"10000000000000.00", "-10000000000000", "9999999999999999999999", "1" + strings.Repeat("0", 1000)} {
		_, err := order.ParseMoney(amount, "EUR")
		require.ErrorIs(t, err, order.ErrBounds, "amount %.30q", amount)
		require.ErrorContains(t, err, "9999999999999.99 EUR")
		require.LessOrEqual(t, len(err.Error()), 200, "errors stay readable")
	}
	_, err := order.ParseMoney("1.00", "HRK")
	require.ErrorIs(t, err, order.ErrCurrency)
}

func TestNewMoneyNeverDropsADigit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount string
		code   string
		want   string
		err    error
	}{
		{"19.90", "EUR", "19.90 EUR", nil},
		{"19.9000", "EUR", "19.90 EUR", nil},
		{"-1e3", "JPY", "-1000 JPY", nil},
		{"1e-3", "KWD", "0.001 KWD", nil},
		{"0e-500", "EUR", "0.00 EUR", nil},
		{"0e500", "EUR", "0.00 EUR", nil},
		{"19.901", "EUR", "", order.ErrAmount},
		{"0.5", "JPY", "", order.ErrAmount},
		{"1e-9999", "EUR", "", order.ErrAmount},
		{"1e9999", "EUR", "", order.ErrBounds},
		{"10000000000000", "EUR", "", order.ErrBounds},
		{"-9223372036854775808", "JPY", "", order.ErrBounds},
		{"18446744073709551616", "JPY", "", order.ErrBounds},
	} {
		m, err := order.NewMoney(decimal.RequireFromString(c.amount), order.MustCurrency(c.code))
		if c.err != nil {
			require.ErrorIs(t, err, c.err, c.amount)
			require.LessOrEqual(t, len(err.Error()), 200)
			continue
		}
		require.NoError(t, err, c.amount)
		require.Equal(t, c.want, m.String())
	}
	_, err := order.NewMoney(decimal.New(1, math.MinInt32), order.MustCurrency("EUR"))
	require.ErrorIs(t, err, order.ErrAmount, "a hostile exponent is refused without computing it")
	_, err = order.NewMoney(decimal.New(1, math.MaxInt32), order.MustCurrency("EUR"))
	require.ErrorIs(t, err, order.ErrBounds)
	_, err = order.NewMoney(decimal.New(1, 0), order.Currency{})
	require.ErrorIs(t, err, order.ErrCurrency)
}

func TestMinorIsBounded(t *testing.T) {
	t.Parallel()
	eur := order.MustCurrency("EUR")
	for _, minor := range []int64{order.MaxMinor + 1, -order.MaxMinor - 1, math.MaxInt64, math.MinInt64} {
		_, err := order.Minor(minor, eur)
		var bounds *order.BoundsError
		require.ErrorAs(t, err, &bounds)
		require.Equal(t, eur, bounds.Currency)
		require.ErrorIs(t, err, order.ErrBounds)
	}
	_, err := order.Minor(0, order.Currency{})
	require.ErrorIs(t, err, order.ErrCurrency)
	require.Panics(t, func() { order.MustMoney("1,00", "EUR") })
}

func TestTheZeroMoneyIsNeutral(t *testing.T) {
	t.Parallel()
	none, eur := order.Money{}, order.MustMoney("19.90", "EUR")
	for _, pair := range [][2]order.Money{{none, eur}, {eur, none}} {
		sum, err := pair[0].Add(pair[1])
		require.NoError(t, err)
		require.Equal(t, eur, sum)
	}
	diff, err := none.Sub(eur)
	require.NoError(t, err)
	require.Equal(t, eur.Neg(), diff)
	cmp, err := none.Cmp(eur)
	require.NoError(t, err)
	require.Equal(t, -1, cmp)
	sum, err := none.Add(none)
	require.NoError(t, err)
	require.Equal(t, none, sum)
	sum, err = order.Sum()
	require.NoError(t, err)
	require.Equal(t, none, sum)
	sum, err = order.Sum(none, eur, none, eur)
	require.NoError(t, err)
	require.Equal(t, "39.80 EUR", sum.String())
	require.Equal(t, "0", none.String())
	require.True(t, none.IsZero() && none.Currency().IsZero() && none.Amount().IsZero())
	require.NotEqual(t, none, order.Zero(order.MustCurrency("EUR")), "0.00 EUR has a currency")
	require.True(t, order.Zero(order.MustCurrency("EUR")).IsZero())
}

func TestCurrenciesNeverMix(t *testing.T) {
	t.Parallel()
	eur, usd := order.MustMoney("1.00", "EUR"), order.MustMoney("1.00", "USD")
	_, addErr := eur.Add(usd)
	_, subErr := eur.Sub(usd)
	_, cmpErr := eur.Cmp(usd)
	_, sumErr := order.Sum(order.Money{}, eur, usd)
	_, zeroErr := order.Zero(eur.Currency()).Add(usd)
	for _, err := range []error{addErr, subErr, cmpErr, sumErr, zeroErr} {
		require.ErrorIs(t, err, order.ErrMixedCurrency)
		require.ErrorContains(t, err, "order: EUR and USD do not mix: convert one of them first")
		var mixed *order.MixedCurrencyError
		require.ErrorAs(t, err, &mixed)
		require.Equal(t, "EUR USD", mixed.Left.Code()+" "+mixed.Right.Code())
	}
}

func TestResultsAreBounded(t *testing.T) {
	t.Parallel()
	most, cent := order.MustMoney("9999999999999.99", "EUR"), order.MustMoney("0.01", "EUR")
	_, err := most.Add(cent)
	require.ErrorIs(t, err, order.ErrBounds)
	require.ErrorContains(t, err, "10000000000000 EUR")
	_, err = most.Neg().Sub(cent)
	require.ErrorIs(t, err, order.ErrBounds)
	for _, n := range []int64{2, -2, math.MaxInt64, math.MinInt64} {
		_, err = most.Times(n)
		require.ErrorIs(t, err, order.ErrBounds, "times %d", n)
	}

	sum, err := order.Sum(most, cent, most.Neg())
	require.NoError(t, err, "only the total is bounded, so order does not matter")
	require.Equal(t, cent, sum)
	many := make([]order.Money, 20_000) // beyond an int64
	for i := range many {
		many[i] = most
	}
	_, err = order.Sum(many...)
	require.ErrorIs(t, err, order.ErrBounds)
	require.ErrorContains(t, err, "199999999999999800 EUR")
	for i := range 10_000 {
		many[i] = most.Neg()
	}
	sum, err = order.Sum(many...)
	require.NoError(t, err)
	require.True(t, sum.IsZero())
	for i := range many {
		many[i] = most.Neg()
	}
	_, err = order.Sum(many...)
	require.ErrorContains(t, err, "-199999999999999800 EUR")
}

func TestTimesIsRepeatedAddition(t *testing.T) {
	t.Parallel()
	price := order.MustMoney("-3.99", "EUR")
	for n, want := range map[int64]string{0: "0.00 EUR", 1: "-3.99 EUR", 3: "-11.97 EUR", -3: "11.97 EUR"} {
		got, err := price.Times(n)
		require.NoError(t, err)
		require.Equal(t, want, got.String())
	}
}

func TestCmpOrdersAmounts(t *testing.T) {
	t.Parallel()
	less, more := order.MustMoney("-0.01", "EUR"), order.MustMoney("0.01", "EUR")
	for pair, want := range map[[2]order.Money]int{{less, more}: -1, {more, less}: 1, {less, less}: 0, {order.Money{}, less}: 1} {
		got, err := pair[0].Cmp(pair[1])
		require.NoError(t, err)
		require.Equal(t, want, got, "%s against %s", pair[0], pair[1])
	}
}

func TestMoneyArithmeticFollowsTheIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency().Draw(t, "currency")
		a, b := anyMoney(c).Draw(t, "a"), anyMoney(c).Draw(t, "b")
		sum, err := a.Add(b)
		total := a.MinorUnits() + b.MinorUnits()
		if total > order.MaxMinor || total < -order.MaxMinor {
			require.ErrorIs(t, err, order.ErrBounds)
			return
		}
		require.NoError(t, err)
		require.Equal(t, total, sum.MinorUnits())
		back, err := sum.Sub(b)
		require.NoError(t, err)
		require.Equal(t, a, back)
		all, err := order.Sum(a, b)
		require.NoError(t, err)
		require.Equal(t, sum, all)
		cmp, err := a.Cmp(b)
		require.NoError(t, err)
		require.Equal(t, a.Amount().Cmp(b.Amount()), cmp)
		require.Equal(t, a.Amount().Sign(), a.Sign())
		require.Equal(t, []bool{a.Sign() < 0, a.Sign() == 0, a.Sign() > 0}, []bool{a.IsNegative(), a.IsZero(), a.IsPositive()})
	})
}

func TestMoneyRoundTripsThroughTextDecimalAndJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := anyMoney(anyCurrency().Draw(t, "currency")).Draw(t, "m")
		amount, code, _ := strings.Cut(m.String(), " ")
		parsed, err := order.ParseMoney(amount, code)
		require.NoError(t, err)
		require.Equal(t, m, parsed)
		require.Equal(t, amount, m.Amount().StringFixed(int32(m.Currency().Exponent())))
		made, err := order.NewMoney(m.Amount(), m.Currency())
		require.NoError(t, err)
		require.Equal(t, m, made)
		data, err := json.Marshal(m)
		require.NoError(t, err)
		require.JSONEq(t, fmt.Sprintf(`{"amount":"%s","currency":"%s"}`, amount, code), string(data), "all digits are kept")
		var read order.Money
		require.NoError(t, json.Unmarshal(data, &read))
		require.Equal(t, m, read)
	})
}

func TestTheZeroMoneyIsNullInJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(struct{ Price order.Money }{})
	require.NoError(t, err)
	require.Equal(t, `{"Price":null}`, string(data))
	m := order.MustMoney("1.00", "EUR")
	require.NoError(t, json.Unmarshal([]byte("null"), &m))
	require.Equal(t, order.Money{}, m)
}

func TestMoneyJSONIsStrict(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]error{
		`{"amount":19.90,"currency":"EUR"}`:   order.ErrAmount,
		`{"amount":"19.90","currency":978}`:   order.ErrAmount,
		`{"amount":null,"currency":"EUR"}`:    order.ErrAmount,
		`{"amount":{"a":1},"currency":"EUR"}`: order.ErrAmount,
		`{"amount":"19.90"}`:                  order.ErrAmount,
		`{"currency":"EUR"}`:                  order.ErrAmount,
		`{}`:                                  order.ErrAmount,
		`"19.90 EUR"`:                         order.ErrAmount,
		`19.90`:                               order.ErrAmount,
		`[]`:                                  order.ErrAmount,
		`true`:                                order.ErrAmount,
		`{"amount":"19.90","currency":"EUR","vat":"x"}`:      order.ErrAmount,
		`{"Amount":"19.90","currency":"EUR"}`:                order.ErrAmount,
		`{"amount":"19.90","amount":"1","currency":"EUR"}`:   order.ErrAmount,
		`{"amount":"19.901","currency":"EUR"}`:               order.ErrAmount,
		`{"amount":"1e3","currency":"EUR"}`:                  order.ErrAmount,
		`{"amount":"19.90","currency":"eur"}`:                order.ErrCurrency,
		`{"amount":"19.90","currency":""}`:                   order.ErrCurrency,
		`{"amount":"99999999999999999999","currency":"EUR"}`: order.ErrBounds,
	} {
		m := order.MustMoney("1.00", "EUR")
		err := json.Unmarshal([]byte(data), &m)
		require.ErrorIs(t, err, want, data)
		require.Equal(t, "1.00 EUR", m.String(), "a refused value changes nothing")
	}
	for _, data := range []string{``, `{`, `{"amount"`, `{"amount":"1"`, `{"amount":"1","currency":"EUR"`, `{"amount":"1","currency":"EUR"}}`,
		`{"amount":"1","currency":"EUR"} null`, `null null`, `{1:2}`, `{"amount" "1"}`} {
		var m order.Money
		err := m.UnmarshalJSON([]byte(data))
		require.ErrorIs(t, err, order.ErrAmount, "called directly with %s", data)
		require.ErrorContains(t, err, `: write {"amount":"19.90","currency":"EUR"}`)
	}
	var m order.Money
	require.NoError(t, json.Unmarshal([]byte(" {\n\"currency\" : \"EUR\", \"amount\":\"19.9\" }"), &m), "order and space are free")
	require.Equal(t, "19.90 EUR", m.String())
}

func TestRoundToFollowsItsRule(t *testing.T) {
	t.Parallel()
	amounts := []string{"0.004", "0.005", "0.006", "0.014", "0.015", "0.016", "0.0150001", "1e-2000", "0.02"}
	for rule, want := range map[order.Rounding][]int64{
		order.HalfUp:   {0, 1, 1, 1, 2, 2, 2, 0, 2},
		order.HalfEven: {0, 0, 1, 1, 2, 2, 2, 0, 2},
		order.HalfDown: {0, 0, 1, 1, 1, 2, 2, 0, 2},
		order.Down:     {0, 0, 0, 1, 1, 1, 1, 0, 2},
		order.Up:       {1, 1, 1, 2, 2, 2, 2, 1, 2},
	} {
		for i, amount := range amounts {
			exact := decimal.RequireFromString(amount)
			m, err := order.RoundTo(exact, order.MustCurrency("EUR"), rule)
			require.NoError(t, err)
			require.Equal(t, want[i], m.MinorUnits(), "%s by %s", amount, rule)
			mirrored, err := order.RoundTo(exact.Neg(), order.MustCurrency("EUR"), rule)
			require.NoError(t, err)
			require.Equal(t, m.Neg(), mirrored, "-%s by %s", amount, rule)
		}
	}
	yen, err := order.RoundTo(decimal.RequireFromString("2.5"), order.MustCurrency("JPY"), order.HalfEven)
	require.NoError(t, err)
	require.Equal(t, "2 JPY", yen.String())
	var standard order.Rounding
	require.Equal(t, "half_up", standard.String())
}

func TestRoundToRefusesWhatItCannotRound(t *testing.T) {
	t.Parallel()
	eur := order.MustCurrency("EUR")
	_, err := order.RoundTo(decimal.RequireFromString("9999999999999.995"), eur, order.HalfUp)
	require.ErrorIs(t, err, order.ErrBounds)
	m, err := order.RoundTo(decimal.RequireFromString("9999999999999.995"), eur, order.Down)
	require.NoError(t, err)
	require.Equal(t, int64(order.MaxMinor), m.MinorUnits())
	_, err = order.RoundTo(decimal.New(1, 4000), eur, order.HalfUp)
	require.ErrorIs(t, err, order.ErrBounds)
	_, err = order.RoundTo(decimal.New(1, 0), order.Currency{}, order.HalfUp)
	require.ErrorIs(t, err, order.ErrCurrency)
	_, err = order.RoundTo(decimal.New(1, 0), eur, order.Up+1)
	require.ErrorIs(t, err, order.ErrAmount)
	require.ErrorContains(t, err, "Rounding(5)")
}

func TestRoundToAgreesWithDecimal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency().Draw(t, "currency")
		places := int32(c.Exponent())
		// even in a currency of four decimal places, whole units stay below MaxMinor
		amount := decimal.New(rapid.Int64Range(-9e10, 9e10).Draw(t, "units"), rapid.Int32Range(-20, 0).Draw(t, "exponent"))
		for rule, want := range map[order.Rounding]decimal.Decimal{
			order.HalfUp: amount.Round(places), order.HalfEven: amount.RoundBank(places),
			order.Down: amount.RoundDown(places), order.Up: amount.RoundUp(places),
		} {
			m, err := order.RoundTo(amount, c, rule)
			require.NoError(t, err)
			require.True(t, want.Equal(m.Amount()), "%s of %s is %s, not %s", rule, amount, want, m)
		}
	})
}

func TestRoundToDoesNotCareHowAnAmountIsWritten(t *testing.T) {
	t.Parallel()
	zeros := new(big.Int).Exp(big.NewInt(10), big.NewInt(25), nil)
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency().Draw(t, "currency")
		rule := rapid.SampledFrom([]order.Rounding{order.HalfUp, order.HalfEven, order.HalfDown, order.Down, order.Up}).Draw(t, "rule")
		units, exponent := rapid.Int64().Draw(t, "units"), rapid.Int32Range(-25, 20).Draw(t, "exponent")
		short := decimal.New(units, exponent)
		long := decimal.NewFromBigInt(new(big.Int).Mul(zeros, big.NewInt(units)), exponent-25) // 25 zeros more
		want, refusal := order.RoundTo(long, c, rule)
		have, err := order.RoundTo(short, c, rule)
		require.Equal(t, refusal == nil, err == nil, "%v and %v", refusal, err)
		require.Equal(t, want, have)
	})
}

func FuzzParseMoney(f *testing.F) {
	for _, amount := range []string{"19.90", "-0.05", "1000", "007", "1e3", ".5", "9999999999999.99", "-"} {
		for _, code := range []string{"EUR", "JPY", "CLF", "HRK", "eur"} {
			f.Add(amount, code)
		}
	}
	f.Fuzz(func(t *testing.T, amount, code string) {
		m, err := order.ParseMoney(amount, code)
		if err != nil {
			require.Equal(t, order.Money{}, m)
			require.NotEmpty(t, err.Error())
			return
		}
		exact, err := decimal.NewFromString(amount)
		require.NoError(t, err, "whatever is accepted is a number")
		require.True(t, exact.Equal(m.Amount()), "%s became %s", amount, m)
		plain, unit, _ := strings.Cut(m.String(), " ")
		again, err := order.ParseMoney(plain, unit)
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}

func FuzzMoneyUnmarshalJSON(f *testing.F) {
	for _, data := range []string{`{"amount":"19.90","currency":"EUR"}`, `null`, `{"amount":1}`, `{"amount":"1","amount":"2"}`, `{`, `[]`} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m order.Money
		if err := m.UnmarshalJSON(data); err != nil {
			require.Equal(t, order.Money{}, m)
			return
		}
		require.True(t, json.Valid(data), "whatever is accepted is JSON")
		again, err := m.MarshalJSON()
		require.NoError(t, err)
		var back order.Money
		require.NoError(t, back.UnmarshalJSON(again))
		require.Equal(t, m, back)
	})
}

func TestMoneyArithmeticDoesNotAllocate(t *testing.T) {
	a, b := order.MustMoney("19.90", "EUR"), order.MustMoney("0.10", "EUR")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		sum, _ := a.Add(b)
		sum, _ = sum.Sub(a)
		sum, _ = sum.Times(3)
		_, _ = sum.Cmp(b)
		_, _ = order.Sum(a, b, sum)
	}))
}

// BenchmarkMoneyAdd states its floor: the same addition on bare integers.
func BenchmarkMoneyAdd(b *testing.B) {
	cent := order.MustMoney("0.01", "EUR")
	b.Run("money", func(b *testing.B) {
		b.ReportAllocs()
		total := order.Zero(cent.Currency())
		for b.Loop() {
			total, _ = total.Add(cent)
		}
	})
	b.Run("sub and cmp", func(b *testing.B) {
		b.ReportAllocs()
		total := order.Zero(cent.Currency())
		for b.Loop() {
			total, _ = total.Sub(cent)
			_, _ = total.Cmp(cent)
		}
	})
	b.Run("floor int64", func(b *testing.B) {
		b.ReportAllocs()
		var total int64
		for b.Loop() {
			total += cent.MinorUnits()
		}
	})
}

func BenchmarkParseMoney(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = order.ParseMoney("1234.50", "EUR")
	}
}
