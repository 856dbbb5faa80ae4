using System.Text;
using Webmail.MailCore.Auth.Sasl;

namespace Webmail.MailCore.Tests.Auth;

/// <summary>The messages of OAUTHBEARER (RFC 7628) and XOAUTH2.</summary>
public sealed class BearerTests
{
    // RFC 7628 section 4.1.
    [Theory]
    [InlineData("n,a=user@example.com,\u0001host=server.example.com\u0001port=143\u0001auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u0001\u0001", "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==")]
    [InlineData("n,,\u0001auth=bearer abc\u0001\u0001", null, "abc")]
    [InlineData("y,,\u0001auth=Bearer abc\u0001\u0001", null, "abc")]
    [InlineData("n,a=user@example.com,\u0001host=server.example.com\u0001port=143\u0001auth=\u0001\u0001", "user@example.com", null)]
    public void ReadsOAuthBearer(string message, string? name, string? token) => Assert.Equal((name, token), OAuthBearer.Read(Encoding.UTF8.GetBytes(message)));

    [Theory]
    [InlineData("")]
    [InlineData("\u0001")]
    [InlineData("n,,")]
    [InlineData("n,,\u0001\u0001")]
    [InlineData("n,,\u0001auth=Bearer abc\u0001")]
    [InlineData("n,,auth=Bearer abc\u0001\u0001")]
    [InlineData("n,,\u0001auth=Basic abc\u0001\u0001")]
    [InlineData("n,,\u0001auth=Bearer \u0001\u0001")]
    [InlineData("n,,\u0001auth=Bearer a\u0001auth=Bearer b\u0001\u0001")]
    [InlineData("n,,\u0001=x\u0001auth=Bearer a\u0001\u0001")]
    [InlineData("p=tls-exporter,,\u0001auth=Bearer a\u0001\u0001")]
    public void RefusesWhatIsNotOAuthBearer(string message) => Assert.Null(OAuthBearer.Read(Encoding.UTF8.GetBytes(message)));

    // Google's "OAuth 2.0 Mechanism": someuser@example.com.
    [Fact]
    public void ReadsXOAuth2() => Assert.Equal(
        ("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"),
        XOAuth2.Read(Convert.FromBase64String("dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==")));

    [Theory]
    [InlineData("")]
    [InlineData("user=a@b.test\u0001auth=Bearer x\u0001")]
    [InlineData("user=\u0001auth=Bearer x\u0001\u0001")]
    [InlineData("auth=Bearer x\u0001\u0001")]
    [InlineData("user=a@b.test\u0001auth=\u0001\u0001")]
    public void RefusesWhatIsNotXOAuth2(string message) => Assert.Null(XOAuth2.Read(Encoding.UTF8.GetBytes(message)));
}
