// Package lifecycle runs the state machines of the domain packages: one immutable, validated definition per
// machine, pooled looplab/fsm machines underneath.
//
// A [Spec] is data: states, edges, guards. [New] refuses a spec that could strand an aggregate, and the
// [Machine] it returns never changes and is safe for concurrent use. The machine holds no aggregate's state: the
// caller stores a state name, gives it to [Machine.Fire] and stores the name that comes back.
//
// looplab/fsm has sharp edges, and this package exists so that nobody meets them:
//
//   - A context that ends during an event leaves an fsm refusing every later event, for good. No context enters
//     this package; a guard that needs one finds it in its subject.
//   - Building an fsm costs tens of microseconds. Machines are pooled, and one is put back only after an event
//     ended normally: a guard that panics takes its machine with it.
//   - An fsm is locked while it asks its guards, so an event fired from a guard would wait for ever. Here the inner
//     event runs on another pooled machine.
//   - Only the before_event callback can refuse an event while the state has not moved yet. It is the only one used.
//   - A callback under a misspelled key, a second edge for the same event and state, and names that are part of the
//     callback grammar are taken in silence. New reports each of them.
//   - A self transition is reported as an error. Here it is a success.
package lifecycle
