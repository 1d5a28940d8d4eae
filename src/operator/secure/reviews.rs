//! The port to those who know: whose a token is, and what that user may do. The API server is the real one.

use std::future::Future;

use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, UserInfo};
use k8s_openapi::api::authorization::v1::{
    NonResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec, SubjectAccessReviewStatus,
};
use kube::api::PostParams;
use kube::{Api, Client};

use super::verdict::{PATH, Unanswered, VERB};

/// What is asked about a token.
pub(super) trait Reviews: Send + Sync + 'static {
    /// Whose it is; `None` if it is nobody's.
    fn user(&self, token: &str) -> impl Future<Output = Result<Option<UserInfo>, Unanswered>> + Send;

    /// Whether that user may read the metrics.
    fn may_read(&self, user: UserInfo) -> impl Future<Output = Result<bool, Unanswered>> + Send;
}

/// The API server.
pub(super) struct KubeReviews(Client);

impl KubeReviews {
    pub(super) const fn new(client: Client) -> Self {
        Self(client)
    }
}

impl Reviews for KubeReviews {
    async fn user(&self, token: &str) -> Result<Option<UserInfo>, Unanswered> {
        let spec = TokenReviewSpec { token: Some(token.to_owned()), ..TokenReviewSpec::default() };
        let review = TokenReview { spec, ..TokenReview::default() };
        let reviews: Api<TokenReview> = Api::all(self.0.clone());
        let answer = reviews.create(&PostParams::default(), &review).await;
        let answer = answer.map_err(|error| unanswered("tokenreviews.authentication.k8s.io", error))?;
        let status = answer.status.unwrap_or_default();
        Ok(status.user.filter(|_| status.authenticated == Some(true)))
    }

    async fn may_read(&self, user: UserInfo) -> Result<bool, Unanswered> {
        let UserInfo { username, uid, groups, extra } = user;
        let read = NonResourceAttributes { path: Some(PATH.to_owned()), verb: Some(VERB.to_owned()) };
        let spec = SubjectAccessReviewSpec {
            user: username,
            uid,
            groups,
            extra,
            non_resource_attributes: Some(read),
            resource_attributes: None,
        };
        let review = SubjectAccessReview { spec, ..SubjectAccessReview::default() };
        let reviews: Api<SubjectAccessReview> = Api::all(self.0.clone());
        let answer = reviews.create(&PostParams::default(), &review).await;
        let answer = answer.map_err(|error| unanswered("subjectaccessreviews.authorization.k8s.io", error))?;
        decided(answer.status.unwrap_or_default())
    }
}

/// A no with an error is none: what would have allowed it could not be asked.
fn decided(status: SubjectAccessReviewStatus) -> Result<bool, Unanswered> {
    let SubjectAccessReviewStatus { allowed, denied, evaluation_error, reason: _ } = status;
    match evaluation_error.filter(|error| !error.is_empty()) {
        Some(error) if !allowed && denied != Some(true) => Err(Unanswered::Undecided(error)),
        Some(_) | None => Ok(allowed),
    }
}

fn unanswered(resource: &'static str, error: kube::Error) -> Unanswered {
    match error {
        kube::Error::Api(status) if status.is_forbidden() => Unanswered::NotLet { resource, message: status.message },
        kube::Error::Api(status) => Unanswered::NoAnswer(status.message),
        error => Unanswered::NoAnswer(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_that_comes_with_an_error_is_no_answer() {
        let status = |allowed, denied, error: Option<&str>| SubjectAccessReviewStatus {
            allowed,
            denied,
            evaluation_error: error.map(str::to_owned),
            reason: Some("because".to_owned()),
        };
        let lost = "a webhook is out of reach";
        for (status, said) in [
            (status(true, None, None), Ok(true)),
            (status(true, None, Some(lost)), Ok(true)),
            (status(false, None, None), Ok(false)),
            (status(false, None, Some("")), Ok(false)),
            (status(false, Some(true), Some(lost)), Ok(false)),
            (status(false, Some(false), Some(lost)), Err(Unanswered::Undecided(lost.to_owned()))),
        ] {
            assert_eq!(decided(status.clone()), said, "{status:?}");
        }
    }
}
