//! Curves, as a terminal shows them and as a picture.

use plotters::prelude::*;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::symbols::Marker;
use ratatui_core::widgets::Widget as _;
use ratatui_widgets::chart::{Axis, Chart, Dataset, GraphType};
use sagemaker_operator::cli::defused;

use super::find::Unit;
use super::series::{Series, short};

/// The lines of a curve, with its axes.
const HEIGHT: u16 = 8;
/// The size of a curve in a picture, in pixels.
const PICTURE: (u32, u32) = (720, 300);

/// The lines of a metric: what it is, and its curve if there is more than a point. `width` in columns.
pub(super) fn lines(series: &Series, width: u16) -> Vec<String> {
    // A log may name its metrics as it likes.
    let mut lines = vec![defused(&series.headline())];
    let numbers = series.numbers();
    if numbers.len() < 2 {
        return lines;
    }
    let (x, y) = bounds(&numbers);
    let area = Rect::new(0, 0, width, HEIGHT);
    let mut buffer = Buffer::empty(area);
    let curve = Dataset::default().marker(Marker::Braille).graph_type(GraphType::Line).data(&numbers);
    Chart::new(vec![curve]).x_axis(axis(x)).y_axis(axis(y)).legend_position(None).render(area, &mut buffer);
    lines.extend((0..HEIGHT).map(|row| {
        let line: String = (0..width).map(|column| buffer[(column, row)].symbol()).collect();
        line.trim_end().to_owned()
    }));
    lines
}

fn axis<'a>([low, high]: [f64; 2]) -> Axis<'a> {
    let labels = [low, f64::midpoint(low, high), high].map(short);
    Axis::default().bounds([low, high]).labels(labels)
}

/// From where to where both axes go. A curve that does not move has some room around it.
fn bounds(numbers: &[(f64, f64)]) -> ([f64; 2], [f64; 2]) {
    let span = |values: &mut dyn Iterator<Item = f64>| {
        let [low, high] =
            values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)]);
        if low < high {
            return [low, high];
        }
        let room = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
        [low - room, high + room]
    };
    (span(&mut numbers.iter().map(|(x, _)| *x)), span(&mut numbers.iter().map(|(_, y)| *y)))
}

/// All metrics below each other, as SVG.
///
/// # Errors
/// What cannot be drawn.
pub(super) fn picture(all: &[Series]) -> Result<String, String> {
    let mut svg = String::new();
    let drawn: Vec<&Series> = all.iter().filter(|series| !series.numbers().is_empty()).collect();
    let (width, height) = PICTURE;
    let parts = drawn.len().max(1);
    let whole = (width, height * u32::try_from(parts).unwrap_or(u32::MAX / height));
    let drawing = SVGBackend::with_string(&mut svg, whole).into_drawing_area();
    let done = drawing.fill(&WHITE).and_then(|()| {
        for (area, series) in drawing.split_evenly((parts, 1)).iter().zip(drawn) {
            draw(series, area)?;
        }
        drawing.present()
    });
    drop(drawing);
    done.map(|()| svg).map_err(|error| error.to_string())
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type DrawingError<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

fn draw<'a>(series: &Series, area: &Area<'a>) -> Result<(), DrawingError<'a>> {
    let numbers = series.numbers();
    let (x, y) = bounds(&numbers);
    let mut chart = ChartBuilder::on(area)
        .caption(series.headline(), ("sans-serif", 15))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(x[0]..x[1], y[0]..y[1])?;
    let mut mesh = chart.configure_mesh();
    mesh.light_line_style(TRANSPARENT).x_desc(series.unit().map_or("value", Unit::word));
    mesh.x_label_formatter(&|x| short(*x)).y_label_formatter(&|y| short(*y)).draw()?;
    chart.draw_series(LineSeries::new(numbers, &BLUE))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::find::Finder;
    use super::*;

    fn falling() -> Vec<Series> {
        let (finder, mut all) = (Finder::new(&[]).unwrap(), Vec::new());
        for round in 0..200 {
            let line = format!("[{round}] validation-error:{:.4}", 0.017 + 0.07 * (-f64::from(round) / 30.0).exp());
            for value in finder.values(&line) {
                Series::add(&mut all, value, "");
            }
        }
        all
    }

    #[test]
    fn a_curve_has_its_headline_and_its_axes() {
        insta::assert_snapshot!(lines(&falling()[0], 72).join("\n"), @r"
        validation-error   now 0.0171 (round 199)   best 0.0171 (round 185)
        0.087  │⠑⢄
               │ ⠈⠓⣄
               │    ⠑⠦⣀
        0.05205│      ⠈⠙⠲⢤⣀
               │           ⠉⠓⠲⠤⢤⣀⣀⡀
        0.0171 │                  ⠉⠉⠉⠑⠒⠒⠒⠒⠦⠤⠤⠤⠤⠤⠤⠤⠤⠤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀
               └────────────────────────────────────────────────────────────────
               0                              99.5                           199
        ");
    }

    #[test]
    fn a_name_does_nothing_to_the_terminal() {
        let (finder, mut all) = (Finder::new(&[]).unwrap(), Vec::new());
        for value in finder.values("#quality_metric: host=algo-1, train\x1b[2J loss=0.5") {
            Series::add(&mut all, value, "");
        }
        assert!(!all.is_empty() && !lines(&all[0], 40).concat().contains('\x1b'), "{all:?}");
    }

    #[test]
    fn what_does_not_move_is_a_line_and_a_point_is_none() {
        let (finder, mut all) = (Finder::new(&[]).unwrap(), Vec::new());
        let mut shown = || {
            for value in finder.values("loss=0") {
                Series::add(&mut all, value, "");
            }
            lines(&all[0], 40).join("\n")
        };
        assert_eq!(shown(), "loss   now 0 (value 1)   best 0 (value 1)");
        insta::assert_snapshot!(shown(), @r"
        loss   now 0 (value 2)   best 0 (value 1)
        1 │
          │
          │
        0 │⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉
          │
        -1│
          └─────────────────────────────────────
          1                 1.5                2
        ");
    }

    #[test]
    fn a_picture_has_a_curve_for_each_metric() {
        let mut all = falling();
        all.extend(falling());
        let svg = picture(&all).unwrap();
        assert!(svg.starts_with("<svg width=\"720\" height=\"600\"") && svg.trim_end().ends_with("</svg>"));
        assert_eq!(svg.matches("validation-error   now").count(), 2);
        assert_eq!(svg.matches("stroke=\"#0000FF\"").count(), 2);
    }
}
