use std::os::unix::fs::PermissionsExt;

use super::{make_private_folder, read_key, write_private};
use crate::SetupError;

#[test]
fn a_file_open_to_others_is_replaced_by_one_that_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("party.key.pem");
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    // As a crash would leave it.
    std::fs::write(folder.path().join("party.key.new"), "half").unwrap();
    assert!(matches!(read_key(&path), Err(SetupError::KeyReadableByOthers { mode: 0o666, .. })));
    write_private(&path, "new").unwrap();
    assert_eq!(*read_key(&path).unwrap(), "new");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_open_to_others_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    make_private_folder(folder.path()).unwrap();
    assert_eq!(std::fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o700);
}
