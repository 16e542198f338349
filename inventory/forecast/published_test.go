package forecast

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// airPassengers is the series G of Box and Jenkins (1976): airline passengers by month,
// 1949 to 1960, in thousands.
var airPassengers = []float64{
	112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118,
	115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
	145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166,
	171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194,
	196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201,
	204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229,
	242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
	284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306,
	315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336,
	340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337,
	360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405,
	417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432,
}

// published is what ets of the R package forecast 8.20 says about airPassengers: its
// parameters and initial state, and what follows from them. Its β is our α·β.
type published struct {
	method      Method
	params      Parameters
	begin       state
	season      []float64 // before the first January
	sum         float64   // of squared one-step errors
	variance    float64   // of the errors
	mean, upper []float64 // ahead; upper bounds of 95 %, nil where our interval is another one
}

var fromR = []published{
	{
		method: SES, params: Parameters{Alpha: 0.9998998077}, begin: state{level: 112.0947509},
		sum: 162513.9516, variance: 1144.464448,
		mean:  []float64{431.9957926, 431.9957926, 431.9957926, 431.9957926},
		upper: []float64{498.3012453, 525.7611656, 546.8325345, 564.5967331},
	},
	{
		method: Holt, params: Parameters{Alpha: 0.9998999494648, Beta: 0.0001000188315 / 0.9998999494648, Phi: 1},
		begin: state{level: 119.7516896, trend: 1.596274283}, sum: 161959.4742, variance: 1156.853387,
		mean:  []float64{433.6004099, 435.2048611, 436.8093123, 438.4137634},
		upper: []float64{500.263778, 529.4810989, 552.2775001, 571.7504983},
	},
	{
		method: DampedHolt, params: Parameters{Alpha: 0.9998994758354, Beta: 0.0001000155636 / 0.9998994758354, Phi: 0.9799996889649},
		begin: state{level: 118.4719095, trend: 1.951608496}, sum: 162294.4589, variance: 1167.586036,
		mean:  []float64{432.1065718, 432.2151384, 432.3215335, 432.4258007},
		upper: []float64{499.078459, 526.9275707, 548.323765, 566.3789086},
	},
	{
		method: HoltWinters,
		params: Parameters{Alpha: 0.9998974210930, Beta: 0.0021748050880 / 0.9998974210930, Gamma: 0.0001010257429, Phi: 0.9799696121482},
		begin:  state{level: 120.5939315, trend: 1.738117931},
		season: []float64{
			-26.46769417, -35.88646755, -2.357733897, -7.969806071, -4.40379742, 35.24012207,
			65.37576722, 62.68347241, 16.5117839, -20.66754667, -53.74857299, -28.30952683,
		},
		sum: 42673.16868, variance: 336.0092022,
		mean: []float64{
			434.1265978, 424.9791997, 458.7770585, 453.4310025, 457.2550251, 497.1521853, 527.5484931,
			525.091936, 479.153711, 442.2137206, 409.3602076, 435.0297465, 437.0956821, 427.8888121,
		},
		upper: []float64{
			470.0538231, 475.839532, 521.1324072, 525.5067714, 537.9201251, 585.6051151, 623.1832719,
			627.4297946, 587.8041135, 556.8502787, 529.7048862, 560.8420191, 568.165823, 564.0291327,
		},
	},
	{
		method: HoltWintersMultiplicative,
		params: Parameters{Alpha: 0.7095519162088, Beta: 0.0204089193322 / 0.7095519162088, Gamma: 0.0001004683097, Phi: 0.9799999266840},
		begin:  state{level: 120.9939355, trend: 1.770540197},
		season: []float64{
			0.9058523729, 0.8868922872, 1.011030088, 0.9803820735, 0.9786127608, 1.110500181,
			1.231798507, 1.220300697, 1.05920193, 0.9216595984, 0.7993220283, 0.8944474757,
		},
		sum: 16632.50697,
		// From the last state; the means that forecast prints for this model of relative
		// errors are larger by their small effect on the season.
		mean: []float64{
			441.7692144, 434.0553596, 496.5229525, 483.100391, 483.8219953, 550.7960571, 612.8870849,
			609.0368042, 530.2236508, 462.7295354, 402.4609029, 451.6225309, 458.6369226, 450.239663,
		},
	},
}

func TestTheSmoothingEquationsGiveTheFiguresOfR(t *testing.T) {
	t.Parallel()
	const close = 1e-6 // R prints ten digits
	for _, want := range fromR {
		t.Run(want.method.String(), func(t *testing.T) {
			t.Parallel()
			n := len(airPassengers)
			w := newPath(Series{Demand: airPassengers})
			w.first = []float64{0}
			if want.season != nil {
				w.first = slices.Clone(want.season)
			}
			w.season = slices.Clone(w.first)
			end, sum, ok := w.run(want.method, want.params, want.begin, n, len(w.first))
			require.True(t, ok)
			require.InEpsilon(t, want.sum, sum, close)

			m := model{method: want.method, params: want.params, state: end, season: w.season, end: n}
			// deviation takes the searched parameters off the count; give it the variance of R.
			m.count = want.method.free() + 1
			m.sum = want.variance
			points := make([]Point, len(want.mean))
			m.means(points)
			w.intervals(&m, 0.95, points)
			for h, p := range points {
				require.InEpsilon(t, want.mean[h], p.Mean, close, "period %d ahead", h+1)
				if want.upper != nil {
					require.InEpsilon(t, want.upper[h], p.High, close, "period %d ahead", h+1)
					require.InEpsilon(t, want.mean[h]-p.Low, p.High-want.mean[h], close, "period %d ahead", h+1)
				}
			}
		})
	}
}

// The fit may not lose much against the likelihood search of R, which also searches the
// initial state; here it may even win, for R minimizes relative errors in the last case.
func TestTheFitComesNearTheLeastError(t *testing.T) {
	t.Parallel()
	for _, want := range fromR {
		w := newPath(Series{Demand: airPassengers})
		got := w.fit(want.method, len(airPassengers), 12, nil)
		require.True(t, got.ok)
		require.Less(t, got.sum, 1.1*want.sum, "%v", want.method)
	}
}

// productC is the slow mover of Hyndman and Athanasopoulos, Forecasting: Principles and
// Practice; the forecasts are those of croston in the R package forecast 8.20, which
// begins with the first demand and the first interval.
var productC = []float64{
	0, 2, 0, 1, 0, 11, 0, 0, 0, 0, 2, 0,
	6, 3, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0,
	0, 0, 0, 3, 1, 0, 0, 1, 0, 1, 0, 0,
}

func TestCrostonGivesTheFiguresOfR(t *testing.T) {
	t.Parallel()
	for alpha, want := range map[float64]float64{0.1: 0.9845965214, 0.3: 0.7155873796} {
		w := newPath(Series{Demand: productC})
		p := Parameters{Alpha: alpha}
		end, _ := w.intermittent(Croston, p, state{size: 2, interval: 2}, len(productC))
		require.InEpsilon(t, want, end.rate(Croston, p), 1e-9)
		require.InEpsilon(t, want*(1-alpha/2), end.rate(SBA, p), 1e-9)
	}
}

// By hand, with α = 0.5 and β = 0.5 from a size of 4 and a probability of 0.5: a demand of
// 8 makes them 6 and 0.75, a period without one 6 and 0.375, another one 6 and 0.1875.
func TestTSBFadesByHand(t *testing.T) {
	t.Parallel()
	p := Parameters{Alpha: 0.5, Beta: 0.5}
	w := newPath(Series{Demand: []float64{8, 0, 0}})
	end, sum := w.intermittent(TSB, p, state{size: 4, interval: 2, chance: 0.5}, 3)
	require.Equal(t, 6*0.1875, end.rate(TSB, p))
	require.Equal(t, 6.0*6+4.5*4.5+2.25*2.25, sum)
}
