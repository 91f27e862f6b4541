//! Why a record could not be decided.

closed_list! {
    /// The reason of a dead letter. The list is closed; each member doubles as a metric label.
    RejectReason {
        /// Not UTF-8, in the value or in a header that matters.
        BadEncoding = "bad_encoding",
        /// Not JSON, or not a JSON object.
        BadJson = "bad_json",
        /// Nested deeper than any honest record.
        TooDeep = "too_deep",
        /// Longer than `limits.record_bytes`.
        TooLarge = "too_large",
        /// A lead, an activity, or the lead that an activity is about, has no id.
        NoId = "no_id",
        /// A field that a decision stands on has another type or an impossible value.
        WrongType = "wrong_type",
        /// A withdrawal that names no lead.
        NullKey = "null_key",
        /// An event type this version does not know.
        UnknownType = "unknown_type",
        /// No plan for the tenant.
        UnknownTenant = "unknown_tenant",
        /// Activity about a lead that did not come in time.
        UnknownLead = "unknown_lead",
        /// Encoded with a schema registry, or as another format than JSON.
        UnsupportedSchema = "unsupported_schema",
        /// Forwarded once already and still not at home: two instances count partitions differently.
        ForwardingLoop = "forwarding_loop",
    }
}
