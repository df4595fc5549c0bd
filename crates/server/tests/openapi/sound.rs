use std::collections::HashSet;

use serde_json::json;

use super::contracts;

#[test]
fn every_example_agrees_with_its_schema() {
    for (name, contract) in contracts() {
        let mut examples = 0;
        for its in contract.operations() {
            let place = format!("{name}: {} {}", its.method, its.path);
            for parameter in its.operation["parameters"].as_array().into_iter().flatten() {
                assert!(
                    contract.schema(&parameter["schema"]).is_valid(&parameter["example"]),
                    "{place}: {parameter}"
                );
            }
            for (_, example) in
                contract.examples(&its.operation["requestBody"]["content"]["application/json"])
            {
                assert_eq!(contract.request(its, example), None, "{place}");
                examples += 1;
            }
            for (status, reply) in its.operation["responses"].as_object().unwrap() {
                for (media, content) in reply["content"].as_object().into_iter().flatten() {
                    for (_, example) in contract.examples(content) {
                        let body = serde_json::to_vec(example).unwrap();
                        let complaint = contract.answer(its, status.parse().unwrap(), Some(media), &body);
                        assert_eq!(complaint, None, "{place}");
                        examples += 1;
                    }
                }
            }
        }
        assert!(examples > 20, "{name}: only {examples} examples");
    }
}

#[test]
fn every_request_example_that_is_cut_or_has_one_field_more_is_refused() {
    for (name, contract) in contracts() {
        for its in contract.operations() {
            for (_, example) in
                contract.examples(&its.operation["requestBody"]["content"]["application/json"])
            {
                let mut more = example.clone();
                more["a_field_of_nobody"] = json!(1);
                assert!(contract.request(its, &more).is_some(), "{name}: {} {}", its.method, its.path);
                assert!(
                    contract.request(its, &json!({})).is_some() || example.as_object().unwrap().len() == 1
                );
            }
        }
    }
}

#[test]
fn operations_have_names_of_their_own_and_every_reference_leads_somewhere() {
    for (name, contract) in contracts() {
        let ids: Vec<_> =
            contract.operations().map(|its| its.operation["operationId"].as_str().unwrap()).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{name}: {ids:?}");
        let text = contract.document().to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(contract.document().pointer(pointer).is_some(), "{name}: {pointer}");
        }
        assert_eq!(contract.document()["openapi"], "3.1.0");
    }
}

#[test]
fn no_description_shows_the_markup_of_source_comments() {
    for (name, contract) in contracts() {
        let text = contract.document().to_string();
        assert!(!text.contains("[`"), "{name}: {:?}", text.split("[`").nth(1).map(|rest| &rest[..40]));
    }
}
