using System.Text;
using Webmail.Web.Cli;

namespace Webmail.Web.Tests.Cli;

public sealed class UnqualifiedAddressesTests
{
    [Theory]
    [InlineData("From: root (Cron Daemon)", "From: root@example.org (Cron Daemon)")]
    [InlineData("To: root", "To: root@example.org")]
    [InlineData("to:ann,bob@example.net, <eve>", "to:ann@example.org,bob@example.net, <eve@example.org>")]
    [InlineData("Cc: \"Smith, Ann\" <ann>, x (a, b)", "Cc: \"Smith, Ann\" <ann@example.org>, x@example.org (a, b)")]
    [InlineData("To: undisclosed-recipients:;", "To: undisclosed-recipients:;")]
    [InlineData("Bcc:", "Bcc:")]
    [InlineData("Subject: root", "Subject: root")]
    public void Names_without_a_domain_get_ours(string line, string expected) =>
        Assert.Equal(expected, Encoding.Latin1.GetString(new UnqualifiedAddresses("example.org").Complete(Encoding.Latin1.GetBytes(line))));

    [Fact]
    public void Folded_lines_belong_to_their_field()
    {
        var addresses = new UnqualifiedAddresses("example.org");
        addresses.Complete("To: ann,"u8.ToArray());
        Assert.Equal("\tbob@example.org", Encoding.ASCII.GetString(addresses.Complete("\tbob"u8.ToArray())));
        addresses.Complete("Subject: x"u8.ToArray());
        Assert.Equal(" bob", Encoding.ASCII.GetString(addresses.Complete(" bob"u8.ToArray())));
    }
}
