package retail_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/examples/replay/retail"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func amount(t *testing.T, s string) retail.Amount {
	t.Helper()
	a, err := retail.ParseAmount(s)
	require.NoError(t, err)
	return a
}

func TestAmountIsExactToFourDecimals(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]retail.Amount{
		"0": 0, "-0.000": 0, "2.550": 25500, "0.001": 10, "0.0001": 1, "-11062.060": -110620600, "38970.000": 389700000,
		"1.25000000": 12500, "007": 70000, "922337203685477.5807": math.MaxInt64,
	} {
		got, err := retail.ParseAmount(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestAmountRefusesWhatItCannotHold(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "-", ".", "1.", ".5", "+1", "--1", "1.00001", "1,5", "1e3", " 1", "0x1", "1_0", "NaN", "1.2.3", "1.0000x",
		"922337203685477.5808", "99999999999999999999"} {
		_, err := retail.ParseAmount(text)
		require.Error(t, err, text)
	}
}

func TestAmountRoundsHalfAPennyAwayFromZero(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0.0049": "0.00", "0.005": "0.01", "0.015": "0.02", "2.55": "2.55", "2.5549": "2.55", "-0.0049": "0.00", "-0.005": "-0.01", "-2.5551": "-2.56",
	} {
		require.Equal(t, want, amount(t, text).Round().String(), text)
	}
}

func TestAmountTextReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := retail.Amount(rapid.Int64Min(-math.MaxInt64).Draw(t, "amount"))
		back, err := retail.ParseAmount(a.String())
		require.NoError(t, err)
		require.Equal(t, a, back)
		require.Equal(t, a.String(), back.Decimal().StringFixed(max(2, -a.Decimal().Exponent()))[:len(a.String())])
	})
}
