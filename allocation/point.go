package allocation

import "math"

// earthRadius is the mean radius in meters that the haversine formula is used with.
const earthRadius = 6_371_000

// Point is a place on earth: WGS84 latitude and longitude in degrees.
type Point struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

// valid also refuses NaN and infinities, which fail both comparisons.
func (p Point) valid() bool { return math.Abs(p.Lat) <= 90 && math.Abs(p.Lng) <= 180 }

// Distance is the great-circle distance between a and b in meters (haversine, radius 6,371,000 m). It
// is meaningful for points that [Request.Validate] accepts.
func Distance(a, b Point) float64 {
	const radians = math.Pi / 180
	lat := math.Sin((b.Lat - a.Lat) * radians / 2)
	lng := math.Sin((b.Lng - a.Lng) * radians / 2)
	h := lat*lat + math.Cos(a.Lat*radians)*math.Cos(b.Lat*radians)*lng*lng
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1))) // rounding can lift h above 1 at the antipode
}
