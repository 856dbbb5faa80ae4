using System.Text;
using Webmail.MailCore.Mime;
using Webmail.Protocols.Imap.Appending;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>URLs of CATENATE, mutilated: one of ours that names one message, or none.</summary>
public sealed class ImapUrlFuzz
{
    private static readonly byte[][] Corpus =
    [
        .. new[]
        {
            "/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1.MIME", ";UID=20/;SECTION=HEADER.FIELDS%20(Subject)", "/a/b/;UID=4294967295/;PARTIAL=0.1024",
            "imap://ann%40example.test;AUTH=*@mx.example.test:143/%C3%9Cbung/;UID=1/;SECTION=1.2/;PARTIAL=5", "//mx.example.test/INBOX/;uid=7",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    [Fact]
    public void IsOneMessageOrNone() => Fuzzing.Run(
        Fuzzing.Mutations(Corpus, "/", ";", "=", ".", "%", "%00", "%2F", "%zz", ";UID=", ";UIDVALIDITY=", "/;SECTION=", "/;PARTIAL=", "imap://", "@", "[", "]", "0", "99999999999999999999"),
        static octets =>
        {
            if (ImapUrl.Parse(Encoding.UTF8.GetString(octets), "mx.example.test", "ann@example.test") is not { } url)
                return;
            Assert.NotEqual(0u, url.Uid.Value);
            Assert.True(url.Partial is not { First: < 0 } and not { Count: < 0 });
            Assert.True(url.Section.Text is not SectionText.Mime || url.Section.Part.Count > 0);
        },
        10_000);
}
