package order_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
)

func TestCurrenciesAreTheWholeActiveListSortedAndUnique(t *testing.T) {
	t.Parallel()
	all := order.Currencies()
	require.Len(t, all, 165, "178 codes of ISO 4217 list one less the 13 without a minor unit")
	require.True(t, slices.IsSortedFunc(all, func(a, b order.Currency) int {
		return strings.Compare(a.Code(), b.Code())
	}), "lookups search the table by halves")
	codes, numbers := map[string]bool{}, map[int]bool{}
	for _, c := range all {
		require.Regexp(t, `^[A-Z]{3}$`, c.Code())
		require.False(t, codes[c.Code()], "code %s is there twice", c)
		require.False(t, numbers[c.Numeric()], "number %d is there twice", c.Numeric())
		require.True(t, c.Numeric() > 0 && c.Numeric() < 1000, "number of %s", c)
		require.NotEmpty(t, c.Name())
		codes[c.Code()], numbers[c.Numeric()] = true, true
		parsed, err := order.ParseCurrency(c.Code())
		require.NoError(t, err)
		require.Equal(t, c, parsed)
	}
}

func TestExponentsFollowISO4217(t *testing.T) {
	t.Parallel()
	special := map[int]string{
		0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
		3: "BHD IQD JOD KWD LYD OMR TND",
		4: "CLF UYW",
	}
	want := map[string]int{}
	for exponent, codes := range special {
		for code := range strings.FieldsSeq(codes) {
			want[code] = exponent
		}
	}
	seen := 0
	for _, c := range order.Currencies() {
		exponent, isSpecial := want[c.Code()]
		if !isSpecial {
			exponent = 2
		} else {
			seen++
		}
		require.Equal(t, exponent, c.Exponent(), "exponent of %s", c)
	}
	require.Equal(t, len(want), seen, "every special currency is active")
}

func TestCurrencyFactsAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	for _, want := range []struct {
		code    string
		numeric int
		name    string
	}{
		{"AED", 784, "UAE Dirham"}, {"CHF", 756, "Swiss Franc"}, {"EUR", 978, "Euro"},
		{"GBP", 826, "Pound Sterling"}, {"JPY", 392, "Yen"}, {"SLE", 925, "Leone"},
		{"USD", 840, "US Dollar"}, {"VED", 926, "Bolívar Soberano"}, {"XAD", 396, "Arab Accounting Dinar"},
		{"XCG", 532, "Caribbean Guilder"}, {"ZWG", 924, "Zimbabwe Gold"},
	} {
		c := order.MustCurrency(want.code)
		require.Equal(t, want.numeric, c.Numeric(), want.code)
		require.Equal(t, want.name, c.Name(), want.code)
		require.Equal(t, want.code, c.String())
	}
}

func TestRefusedCodesTellWhatToDo(t *testing.T) {
	t.Parallel()
	for code, advice := range map[string]string{
		"": "three upper-case letters", "US": "three upper-case letters", "EURO": "three upper-case letters",
		"BTC": "not an active ISO 4217 code", "€": "three upper-case letters", "E R": "three upper-case letters",
		"eur": "use EUR", "Usd": "use USD", "btc": "not an active ISO 4217 code", " EUR": "three upper-case letters",
		"XXX": "not payable tender", "XTS": "reserved for tests", "XAU": "gold", "XAG": "silver", "XPT": "platinum",
		"XPD": "palladium", "XDR": "not payable tender", "XSU": "not payable tender", "XUA": "not payable tender",
		"XBA": "not payable tender", "XBB": "not payable tender", "XBC": "not payable tender", "XBD": "not payable tender",
	} {
		c, err := order.ParseCurrency(code)
		require.ErrorIs(t, err, order.ErrCurrency, "code %q", code)
		require.ErrorContains(t, err, advice, "code %q", code)
		require.True(t, c.IsZero(), "code %q", code)
		var refused *order.CurrencyError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, code, refused.Code)
		require.Empty(t, refused.Successor)
		require.LessOrEqual(t, len(err.Error()), 160)
	}
}

func TestWithdrawnCurrenciesNameTheirSuccessor(t *testing.T) {
	t.Parallel()
	for code, successor := range map[string]string{
		"HRK": "EUR", "BGN": "EUR", "LTL": "EUR", "DEM": "EUR", "ANG": "XCG", "ZWL": "ZWG", "SLL": "SLE",
		"CUC": "CUP", "VEF": "VES or VED", "MRO": "MRU", "STD": "STN", "BYR": "BYN", "TRL": "TRY",
	} {
		_, err := order.ParseCurrency(code)
		var refused *order.CurrencyError
		require.ErrorAs(t, err, &refused, code)
		require.Equal(t, successor, refused.Successor, code)
		require.ErrorContains(t, err, "withdrawn")
		require.ErrorContains(t, err, successor)
		for next := range strings.SplitSeq(successor, " or ") {
			require.Equal(t, next, order.MustCurrency(next).Code(), "the successor is accepted")
		}
	}
}

func TestTheZeroCurrencyIsNoCurrency(t *testing.T) {
	t.Parallel()
	var none order.Currency
	require.True(t, none.IsZero())
	require.Equal(t, []any{"", 0, 0, "", ""}, []any{none.Code(), none.Numeric(), none.Exponent(), none.Name(), none.String()})
	require.False(t, order.MustCurrency("AED").IsZero(), "the first of the table is a currency")
}

func TestCurrenciesTravelAsTheirCode(t *testing.T) {
	t.Parallel()
	type row struct {
		Currency order.Currency
		Rates    map[order.Currency]int
	}
	in := row{order.MustCurrency("EUR"), map[order.Currency]int{order.MustCurrency("USD"): 1}}
	data, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, `{"Currency":"EUR","Rates":{"USD":1}}`, string(data))
	var out row
	require.NoError(t, json.Unmarshal(data, &out))
	require.Equal(t, in, out)

	data, err = json.Marshal(order.Currency{})
	require.NoError(t, err)
	require.Equal(t, `""`, string(data))
	require.NoError(t, json.Unmarshal(data, &out.Currency))
	require.True(t, out.Currency.IsZero())

	kept := order.MustCurrency("EUR")
	require.ErrorIs(t, json.Unmarshal([]byte(`"HRK"`), &kept), order.ErrCurrency)
	require.Equal(t, "EUR", kept.Code(), "a refused text changes nothing")
}

func TestMustCurrencyPanicsWithTheRefusal(t *testing.T) {
	t.Parallel()
	require.PanicsWithError(t, `order: currency "eur" is not in upper case: use EUR`, func() { order.MustCurrency("eur") })
}
