//! The table of problem codes: what each is called and what to do about it.

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The plan is refused.
    Error,
    /// The plan is taken, but someone should look.
    Warning,
}

impl Severity {
    /// The word printed before the code.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($name:ident = $text:literal, $title:literal, $remedy:literal;)+) => {
        /// A kind of problem. Codes are stable: one is never given a second meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(
                #[doc = $title]
                $name,
            )+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code as printed, such as `E110`.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What the code stands for, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }

            /// What to do about it, in a sentence.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)+ }
            }
        }
    };
}

codes! {
    Unreadable = "E101", "a file cannot be read", "Check that it exists, is a regular file and may be read by the daemon's user.";
    NotUtf8 = "E102", "a file is not UTF-8", "Save the file as UTF-8; spreadsheets call it `CSV UTF-8`.";
    TooLarge = "E103", "a plan is larger than the limits", "Split the file, or remove what repeats itself.";
    BadYaml = "E104", "a file is not valid YAML", "Correct the line shown; indentation is by spaces, and texts with `: ` or ` #` need quotes.";
    TooDeep = "E105", "a file is nested too deeply", "Flatten the structure: no plan needs so many levels.";
    BadAlias = "E106", "a YAML alias cannot be expanded", "Write the value out, or use a band.";
    OutsidePlan = "E107", "an import leads outside the plan's folder", "Copy the file into the plan's folder and name it by a relative path.";
    LinkLoop = "E108", "links lead round in a circle", "Remove the link that leads back to a folder above it.";
    NoPlan = "E109", "there is no plan", "Name a folder with `*.yaml` files in it, or one such file.";
    UnknownKey = "E110", "a key is not known", "Correct the key, or remove it.";
    DuplicateKey = "E111", "a key is given twice", "Keep one of the two.";
    MissingKey = "E112", "a key is missing", "Add the key.";
    WrongType = "E113", "a value has the wrong type", "Write the value in the form shown.";
    BadValue = "E114", "a value cannot be understood", "Write the value in the form shown.";
    NoValue = "E115", "a key has no value", "Give it a value, or remove the key.";
    Disagreement = "E116", "two files of a plan disagree", "Say it once, or the same in each file.";
    DuplicateId = "E117", "an id is given twice", "Rename or remove one of the two.";
    Dangling = "E118", "a name stands for nothing", "Define it, or correct the name.";
    Cycle = "E119", "a definition leads back to itself", "Break the circle at one of the names shown.";
    EmptyRange = "E120", "a range holds nothing", "`min` is inclusive and `max` exclusive; `min` must be the smaller.";
    LoweredPriority = "E121", "a child lowers its parent's priority", "Raise the child's priority, or lower the parent's.";
    NotOverlay = "E122", "an ordinary territory lies under an overlay", "Move it out of the overlay, or remove its `kind`.";
    EmptyCondition = "E123", "a condition can never hold", "Name at least one value, or remove the key.";
    BadTable = "E124", "a CSV file cannot be read", "Each row needs as many cells as the header; cells with commas need double quotes.";
    UnknownColumn = "E125", "a CSV column is not known", "Correct the column's name, or remove it.";
    MissingColumn = "E126", "a CSV column is missing", "Add the column.";
    DuplicateColumn = "E127", "a CSV column is given twice", "Keep one of the two.";
    BadMap = "E128", "an area file cannot be read", "Export it anew as GeoJSON (a FeatureCollection of polygons) or TopoJSON.";
    NotAPolygon = "E129", "a feature is not a polygon", "Keep only Polygon and MultiPolygon features in area files.";
    RingNotClosed = "E130", "a ring is not closed", "Repeat the ring's first position at its end.";
    SelfCrossing = "E131", "a polygon's border crosses itself", "Move the vertices at the position shown so that the border does not cross itself.";
    BadPosition = "E132", "a position is not on the globe", "Positions are longitude, latitude in degrees: -180 to 180 and -90 to 90.";
    HoursOverlap = "E133", "working hours overlap", "Join the two intervals, or separate them.";
    TooManyProblems = "E134", "there are more problems than are kept", "Correct those shown and check again.";
    UnknownCode = "W201", "a code is not known", "Correct the code, or add it to the gazetteer.";
    EmptyTeam = "W202", "a team has no reps", "Add members who work, or remove the team.";
    NoHours = "W203", "a rep never works", "Give the calendar working hours, or name another.";
    TwoOwners = "W204", "an account has two owners", "Keep one account for the customer, or one owner.";
    UnusedTeam = "W205", "nothing sends leads to a team", "Name the team in a territory, or remove it.";
    UnusedPool = "W206", "nothing sends leads to a pool", "Name the pool as a fallback or overflow, or remove it.";
    UnusedBand = "W207", "no condition uses a band", "Use the band, or remove it.";
    UnusedArea = "W208", "no condition uses an area", "Use the area, or remove it.";
    Sliver = "W209", "a polygon is a sliver", "Remove the part: it is left over from clipping or simplifying.";
    FlatRing = "W210", "a ring has no area", "Remove the ring; no position lies in it.";
    RingTouches = "W211", "a polygon's border touches itself", "Split the polygon at the position shown, or leave it: it works as drawn.";
    NoTeam = "W212", "no team serves a territory", "Give it, or a territory above it, a team.";
    NamelessArea = "W213", "a feature has no id", "Give it an `id`, or a property of that name.";
    IdleRep = "W214", "a rep is in no team", "Add the rep to a team, or set the status to `left`.";
    OddColumn = "W215", "a column looks like a known one", "Correct the column's name if it was meant.";
    NotRead = "W216", "a file is not read", "Rename it to end in `.yaml`.";
    NoClaimants = "W217", "nobody may claim from a pool", "Name the teams that may claim.";
    RingGap = "W218", "a ring is closed but for the map's rounding", "Nothing: the gap is closed by a straight edge. A map without rounding has none.";
    TinyLoop = "W219", "a polygon's border crosses itself in a tiny loop", "Remove a vertex at the position shown, or leave it: the loop is next to nothing.";
    NeverWins = "W220", "a territory never owns a lead", "Give it a higher `priority` or a condition that is not covered by others, or remove it.";
    Contradiction = "W221", "a territory's condition can never hold", "Correct the condition, or move the territory to where it can hold.";
    EqualRank = "W222", "territories of the same rank overlap", "Give one of them a `priority`, or make their conditions exclude each other.";
    Gap = "W223", "no team takes some leads of a territory", "Give the territory a team, cover these leads by a child, or give the plan a `fallback`.";
    InsideOut = "W224", "a polygon's hole goes round its border", "Draw the outer ring first; the two were taken the other way round.";
    StrayHole = "W225", "a polygon's hole lies outside its border", "Draw the ring as a polygon of its own, or remove it: it cuts nothing out.";
    FreeMail = "W226", "an account has a free-mail domain", "Remove the domain: everybody has an address there, so that it finds no account.";
}

impl Code {
    /// Errors begin with `E`, warnings with `W`.
    pub const fn severity(self) -> Severity {
        match self.text().as_bytes()[0] {
            b'E' => Severity::Error,
            _ => Severity::Warning,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend_and_each_has_a_remedy_that_is_a_sentence() {
        let texts: Vec<_> = Code::ALL.iter().map(|code| code.text()).collect();
        assert!(texts.windows(2).all(|pair| pair[0] < pair[1]), "{texts:?}");
        for code in Code::ALL {
            assert!(code.remedy().ends_with('.'), "{}", code.text());
        }
    }
}
