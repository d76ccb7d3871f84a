//! Accounts stand alone: in Cyrus, in their records, in their faults.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{account, admin, server};
use crate::traffic::{self, deploy, foreign};

#[tokio::test]
async fn twenty_side_by_side_do_not_meet() {
    let mut deploys = JoinSet::new();
    for number in 0..20 {
        deploys.spawn(async move {
            let account = account(&format!("side-{number:02}")).await;
            let stall = json!({"on": {"path": "/never"}, "fault": {"kind": "stall"}});
            account.post("faults", stall).await;
            deploy(&account).await.unwrap();
            account
        });
    }
    for account in deploys.join_all().await {
        for list in ["mailboxes", "groups"] {
            assert_eq!(foreign(&account, &account.get(list).await), Vec::<String>::new(), "{}", account.name);
        }
        let requests = account.get("requests").await;
        assert_eq!(requests.as_array().unwrap().len(), traffic::REQUESTS, "{}", account.name);
        assert_eq!(account.get("faults").await.as_array().unwrap().len(), 1, "{}", account.name);
    }
}

#[tokio::test]
async fn a_fault_and_a_record_stay_with_their_account() {
    let (ill, well) = (account("ill").await, account("well").await);
    ill.post("faults", json!({"times": "always", "fault": {"kind": "status", "status": 500}})).await;
    assert_eq!(ill.session().await.unwrap().status(), 500);
    assert_eq!(well.session().await.unwrap().status(), 200);
    assert_eq!(well.get("requests").await.as_array().unwrap().len(), 1);
    assert_eq!(well.get("faults").await, Value::Array(vec![]));
}

#[tokio::test]
async fn an_accounts_data_is_closed_to_others() {
    let (mine, other) = (account("closed-mine").await, account("closed-other").await);
    let get = json!([["Mailbox/get", {"accountId": "closed-mine", "ids": null}, "0"]]);
    assert_eq!(mine.jmap(get.clone()).await.unwrap()[0][0], "Mailbox/get");
    assert_eq!(other.jmap(get).await.unwrap()[0], json!(["error", {"type": "accountNotFound"}, "0"]));
    mine.put_group("g", "Feed").await.unwrap();
    assert_eq!(mine.dav("GET", &mine.card_path("g"), &[], "").await.unwrap().status(), 200);
    let status = other.dav("GET", &mine.card_path("g"), &[], "").await.unwrap().status();
    assert!(!status.is_success(), "{status}");
}

#[tokio::test]
async fn secrets_are_chosen_and_never_shared() {
    let own = json!({"name": "chosen", "token": "t-1", "user": "me@a.example", "password": "p-1"});
    let made = admin(server(), "POST", "/accounts", Some(own.clone())).await.unwrap();
    assert_eq!(made, own);
    let mut account = account("chosen-other").await;
    account.token = "t-1".into();
    let session: Value = serde_json::from_slice(account.session().await.unwrap().body()).unwrap();
    assert_eq!(session["username"], "chosen");
    for (taken, why) in [
        (json!({"name": "chosen"}), "name"),
        (json!({"name": "chosen-2", "token": "t-1"}), "token"),
        (json!({"name": "chosen-3", "user": "me@a.example"}), "user"),
    ] {
        let error = admin(server(), "POST", "/accounts", Some(taken)).await.unwrap_err().to_string();
        assert_eq!(error, format!("409 Conflict {{\"error\":\"account chosen has this {why} already\"}}"));
    }
}
