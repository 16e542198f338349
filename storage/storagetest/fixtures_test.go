package storagetest_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage/storagetest"
)

func TestSamplesSetEveryField(t *testing.T) {
	t.Parallel()
	for _, sample := range storagetest.Samples() {
		require.Empty(t, unset(reflect.TypeOf(sample).String(), reflect.ValueOf(sample)),
			"a field that no sample sets is one that a store may lose")
	}
}

// unset lists the fields below v that are zero in every element there is.
func unset(at string, v reflect.Value) []string {
	switch v.Interface().(type) {
	case decimal.Decimal, order.Money, order.Currency:
		return zeroOf(at, v)
	}
	var out []string
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				out = append(out, unset(at+"."+f.Name, v.Field(i))...)
			}
		}
		if v.NumField() > 0 && v.Type().Field(0).IsExported() {
			return out
		}
	case reflect.Slice:
		if v.Len() > 0 && v.Index(0).Kind() == reflect.Struct {
			return unset(fmt.Sprint(at, "[0]"), v.Index(0))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return unset(at, v.Elem())
		}
	default:
	}
	return zeroOf(at, v)
}

func zeroOf(at string, v reflect.Value) []string {
	if v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
		return []string{at}
	}
	return nil
}
