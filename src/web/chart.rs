//! A chart of counts by month: bars for the month, a line for the sum so far, a dashed line for the target. Laid
//! out here in whole units, so that the template only draws.

/// One month.
pub struct Bar {
    pub label: String,
    pub value: i64,
    pub sum: i64,
}

/// A bar as it is drawn.
pub struct Column {
    pub x: i64,
    pub y: i64,
    pub height: i64,
    pub label: String,
    pub value: i64,
    pub sum: i64,
    /// Named below the axis: January, and the first month.
    pub named: bool,
}

/// The whole chart, in the units of its view box.
pub struct Chart {
    pub width: i64,
    pub columns: Vec<Column>,
    pub bar: i64,
    /// `x,y x,y …` of the sums.
    pub line: String,
    pub target_y: i64,
    pub target: i64,
}

/// Height of the drawing area; the labels stand below.
pub const HEIGHT: i64 = 200;
const WIDTH: i64 = 900;
const LEFT: i64 = 40;

impl Chart {
    pub fn of(bars: Vec<Bar>, target: i64) -> Self {
        let months = i64::try_from(bars.len()).unwrap_or(1).max(1);
        let step = ((WIDTH - LEFT) / months).max(1);
        let top = bars.last().map_or(0, |bar| bar.sum).max(target).max(1);
        let height = |value: i64| value * (HEIGHT - 20) / top;
        let columns: Vec<Column> = bars
            .into_iter()
            .zip(0_i64..)
            .map(|(bar, place)| Column {
                x: LEFT + place * step,
                y: HEIGHT - height(bar.value),
                height: height(bar.value),
                named: place == 0 || bar.label.ends_with("-01"),
                label: bar.label,
                value: bar.value,
                sum: bar.sum,
            })
            .collect();
        let line: Vec<String> = columns
            .iter()
            .map(|column| format!("{},{}", column.x + step / 2, HEIGHT - height(column.sum)))
            .collect();
        Self {
            width: WIDTH,
            bar: (step * 2 / 3).max(1),
            line: line.join(" "),
            target_y: HEIGHT - height(target),
            target,
            columns,
        }
    }
}
