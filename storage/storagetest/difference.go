package storagetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// difference says where got is not what was written, or nothing. Times are compared as
// they must come back: in UTC, with their microseconds.
func difference(want, got any) string {
	return diff("", reflect.ValueOf(want), reflect.ValueOf(got))
}

func diff(at string, want, got reflect.Value) string {
	switch w := want.Interface().(type) {
	case time.Time:
		return diffTime(at, w, got.Interface().(time.Time)) //nolint:forcetypeassert // two values of one type
	case decimal.Decimal:
		if g := got.Interface().(decimal.Decimal); !w.Equal(g) { //nolint:forcetypeassert // likewise
			return mismatch(at, w, g)
		}
		return ""
	case order.Money, order.Currency, uuid.UUID, inventory.Balance:
		if w != got.Interface() {
			return mismatch(at, show(w), show(got.Interface()))
		}
		return ""
	}
	switch want.Kind() {
	case reflect.Struct:
		for i := range want.NumField() {
			if d := diff(at+"."+want.Type().Field(i).Name, want.Field(i), got.Field(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice:
		return diffSlice(at, want, got)
	case reflect.Map:
		return diffMap(at, want, got)
	case reflect.Pointer:
		if want.IsNil() || got.IsNil() {
			if want.IsNil() != got.IsNil() {
				return mismatch(at, presence(want), presence(got))
			}
			return ""
		}
		return diff(at, want.Elem(), got.Elem())
	}
	if !want.Equal(got) {
		return mismatch(at, want.Interface(), got.Interface())
	}
	return ""
}

func diffTime(at string, want, got time.Time) string {
	if want = want.UTC().Truncate(time.Microsecond); !want.Equal(got) || got.Location() != time.UTC {
		return mismatch(at, want, got)
	}
	return ""
}

func diffSlice(at string, want, got reflect.Value) string {
	if want.Type().Elem().Kind() == reflect.Uint8 {
		if w, g := string(want.Bytes()), string(got.Bytes()); w != g {
			return mismatch(at, w, g)
		}
		return ""
	}
	for i := range min(want.Len(), got.Len()) {
		if d := diff(fmt.Sprintf("%s[%d]", at, i), want.Index(i), got.Index(i)); d != "" {
			return d
		}
	}
	if want.Len() != got.Len() {
		return mismatch(at, fmt.Sprintf("%d of them", want.Len()), fmt.Sprintf("%d of them", got.Len()))
	}
	return ""
}

func diffMap(at string, want, got reflect.Value) string {
	for _, k := range want.MapKeys() {
		here := fmt.Sprintf("%s[%q]", at, k)
		if !got.MapIndex(k).IsValid() {
			return mismatch(here, "it to be there", "nothing")
		}
		if d := diff(here, want.MapIndex(k), got.MapIndex(k)); d != "" {
			return d
		}
	}
	for _, k := range got.MapKeys() {
		if !want.MapIndex(k).IsValid() {
			return mismatch(fmt.Sprintf("%s[%q]", at, k), "nothing", "it")
		}
	}
	return ""
}

func mismatch(at string, want, got any) string {
	return fmt.Sprintf("%s: want %+v, got %+v", strings.TrimPrefix(at, "."), quoted(want), quoted(got))
}

func quoted(v any) any {
	if s, ok := v.(string); ok && len(s) < 200 {
		return fmt.Sprintf("%q", s)
	}
	return v
}

func presence(v reflect.Value) string {
	if v.IsNil() {
		return "none"
	}
	return "one"
}

func show(v any) any {
	b, ok := v.(inventory.Balance)
	if !ok {
		return v
	}
	var s strings.Builder
	fmt.Fprintf(&s, "%+v", b.Key)
	for _, state := range inventory.LocationStates() {
		if q := b.Of(state); q != 0 {
			fmt.Fprintf(&s, " %s=%d", state, q)
		}
	}
	return s.String()
}

// scribble overwrites everything that v points at with nonsense, as a careless host
// would. v is a pointer.
func scribble(v any) { overwrite(reflect.ValueOf(v).Elem()) }

func overwrite(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				overwrite(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			overwrite(v.Index(i))
			v.Index(i).SetZero()
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			v.SetMapIndex(k, reflect.Zero(v.Type().Elem()))
		}
		if v.Len() > 0 {
			v.SetMapIndex(reflect.ValueOf("scribble"), reflect.Zero(v.Type().Elem()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			overwrite(v.Elem())
			v.Elem().SetZero()
		}
	}
}

// deepCopy shares nothing with v, of which it is a copy.
func deepCopy[T any](v T) T {
	out := reflect.ValueOf(&v).Elem()
	detach(out)
	return v
}

// detach replaces everything that v points at by a copy.
func detach(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				detach(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		v.Set(fresh)
		for i := range v.Len() {
			detach(v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() {
			return
		}
		fresh := reflect.MakeMap(v.Type())
		for _, k := range v.MapKeys() {
			fresh.SetMapIndex(k, v.MapIndex(k))
		}
		v.Set(fresh)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		fresh := reflect.New(v.Elem().Type())
		fresh.Elem().Set(v.Elem())
		if detach(fresh.Elem()); v.Kind() == reflect.Interface {
			fresh = fresh.Elem()
		}
		v.Set(fresh)
	}
}

// sorted is a sorted copy.
func sorted[T any](in []T, compare func(a, b T) int) []T {
	out := slices.Clone(in)
	slices.SortStableFunc(out, compare)
	return out
}
