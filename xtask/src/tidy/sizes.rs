//! How long files are.

use super::{Finding, house::House};

/// The wall.
const LINES_MAX: usize = 800;
/// The aim; what is longer is noted.
const LINES_AIM: usize = 400;

pub(super) fn files(house: &House) -> Vec<Finding> {
    longer_than(house, LINES_MAX).map(|(path, lines)| Finding::new(path, format!("{lines} lines"))).collect()
}

/// Files over the aim, which is no fault.
pub(super) fn notes(house: &House) -> Vec<String> {
    longer_than(house, LINES_AIM)
        .map(|(path, lines)| format!("{path} has {lines} lines, the aim is {LINES_AIM}"))
        .collect()
}

fn longer_than(house: &House, limit: usize) -> impl Iterator<Item = (&str, usize)> {
    let sizes = house.rust_files().map(|file| (file.path.as_str(), file.text.lines().count()));
    sizes.filter(move |(_, lines)| *lines > limit)
}

#[cfg(test)]
mod tests {
    use super::{files, notes};
    use crate::tidy::house::samples::house;

    #[test]
    fn a_file_over_the_wall_is_found_and_one_over_the_aim_is_noted() {
        let (over, at, aim) = ("\n".repeat(801), "\n".repeat(800), "\n".repeat(400));
        let house = house(&[("a.rs", &over), ("b.rs", &at), ("c.rs", &aim), ("d.txt", &over)]);
        assert_eq!(files(&house).iter().map(|its| its.place.as_str()).collect::<Vec<_>>(), ["a.rs"]);
        assert_eq!(notes(&house).len(), 2);
    }
}
