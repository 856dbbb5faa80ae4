using System.Text;
using CsCheck;
using MimeKit;
using Webmail.MailCore.Inbound;

namespace Webmail.MailCore.Tests.Inbound;

public sealed class AddressListTests
{
    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string? Read(string value) =>
        AddressList.TryParse(Encoding.UTF8.GetBytes(value)) is { } list ? string.Join(" ", list.Select(a => a.ToString())) : null;

    [Theory]
    [InlineData(" ann@example.test\r\n", "ann@example.test")]
    [InlineData(" Ann Lee <ann@example.test>\r\n", "ann@example.test")]
    [InlineData("\"Lee, Ann\" <ann@example.test>", "ann@example.test")]
    [InlineData("Ann (not <bob@x.test>) <ann@example.test>", "ann@example.test")]
    [InlineData("ann@example.test (Ann \\) Lee), bob@example.test", "ann@example.test bob@example.test")]
    [InlineData("friends: ann@example.test, Bob <bob@example.test>;, c@example.test", "ann@example.test bob@example.test c@example.test")]
    [InlineData("undisclosed-recipients:;", "")]
    [InlineData("John Q. Public <j@example.test>", "j@example.test")]
    [InlineData("<@relay.test,@b.test:ann@example.test>", "ann@example.test")]
    [InlineData("\"a b\"@example.test", "\"a b\"@example.test")]
    [InlineData("ann @ example . test", "ann@example.test")]
    [InlineData("Ann\r\n Lee\r\n <ann@example.test>\r\n", "ann@example.test")]
    [InlineData("用户 <用户@例子.测试>", "用户@例子.测试")]
    [InlineData("=?utf-8?q?A=2C_B?= <ann@example.test>", "ann@example.test")]
    [InlineData("ann@[192.0.2.1]", "ann@[192.0.2.1]")]
    public void Reads(string value, string expected) => Assert.Equal(expected, Read(value));

    [Theory]
    [InlineData("Ann")]
    [InlineData("bob@example.test <ann@example.test>")]
    [InlineData("Ann <ann@example.test> <bob@example.test>")]
    [InlineData("Ann <ann@example.test")]
    [InlineData("Ann (unclosed <ann@example.test>")]
    [InlineData("\"unclosed <ann@example.test>")]
    [InlineData("ann@example.test bob@example.test")]
    [InlineData("ann@")]
    [InlineData("<>")]
    [InlineData("friends: ann@example.test")]
    public void RefusesWhatCannotBeReadForSure(string value) => Assert.Null(Read(value));

    [Fact]
    public void BadUtf8IsUnreadable() => Assert.Null(AddressList.TryParse(" Andr\xe9 <a@example.test>"u8[..5].ToArray().Append((byte)0xe9).ToArray()));

    [Fact]
    public void AgreesWithMimeKitOnWhatItReads()
    {
        var word = OneOf("ann", "bob.lee", "\"x, y\"", "c+d");
        var mailbox = Gen.Select(OneOf("", "Ann Lee ", "\"Q, \\\"R\\\"\" ", "(c <z@z.test>) "), word, OneOf("a.test", "b-c.example"),
            (name, local, domain) => name.Length == 0 ? $"{local}@{domain}" : $"{name}<{local}@{domain}>");
        mailbox.List[1, 5].Select(list => string.Join(", ", list)).Sample(text =>
        {
            var theirs = string.Join(" ", InternetAddressList.Parse(text).Mailboxes.Select(m => Webmail.MailCore.Model.EmailAddress.Parse(m.Address).ToString()));
            Assert.Equal(theirs, Read(text));
        });
    }

    [Fact]
    public void NeverThrowsAndNeverLoops() =>
        Gen.Char["ab@<>\"\\(),:;. \r\n[]é"].Array[0, 40].Select(c => new string(c)).Sample(text => Read(text), iter: 50_000);
}
