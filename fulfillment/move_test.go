package fulfillment_test

import (
	"testing"

	"github.com/orderkit/oms/fulfillment"
	"github.com/stretchr/testify/require"
)

func TestUnfinishedWorkMovesToAnotherLocation(t *testing.T) {
	t.Parallel()
	o := picked(t, 1)
	was := o.Clone()
	n, events, err := flow(t).Move(o, "ham", later)
	require.NoError(t, err)
	require.Equal(t, was, o)
	require.Equal(t, "ham", n.Location)
	require.Equal(t, o.Lines, n.Lines, "what is picked stays picked")
	require.Equal(t, []fulfillment.Event{fulfillment.Moved{Fulfillment: work, From: "ber", To: "ham"}}, events)
	require.Equal(t, "fulfillment.moved", events[0].Kind())

	o.Lines[0].Packed = 1
	n, events, err = flow(t).Move(o, "ham", later)
	require.ErrorIs(t, err, fulfillment.ErrQuantity)
	require.Equal(t, o, n)
	require.Empty(t, events)
	o = was
	o.Work = fulfillment.WorkDone
	_, _, err = flow(t).Move(o, "ham", later)
	require.ErrorIs(t, err, fulfillment.ErrTransition)
}

func TestStatesThatAreNotFinalAreUnfinished(t *testing.T) {
	t.Parallel()
	paused := fulfillment.WithState(fulfillment.StateDef{Name: "paused"})
	resume := fulfillment.WithEdge("resume", fulfillment.WorkOpen, "paused")
	pause := fulfillment.WithEdge("pause", "paused", fulfillment.WorkOpen)
	require.Equal(t, []fulfillment.WorkState{fulfillment.WorkInProgress, fulfillment.WorkOpen, "paused"}, flow(t, paused, pause, resume).Unfinished())
}
