using System.Net.Security;
using System.Security.Authentication;
using System.Security.Authentication.ExtendedProtection;
using System.Security.Cryptography;
using System.Text;
using Webmail.Protocols.Wire;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Login;

/// <summary>
/// SCRAM-SHA-256-PLUS over real TLS. What an independent library exports is compared in the end-to-end tests; here both ends are this runtime's. Should a
/// new runtime hide its OpenSSL session, these tests say so, and the server goes on without -PLUS.
/// </summary>
public sealed class ChannelBindingTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Theory]
    [InlineData(SslProtocols.Tls13, "tls-exporter", true)]
    [InlineData(SslProtocols.Tls13, "tls-server-end-point", true)]
    [InlineData(SslProtocols.Tls13, "tls-unique", false)]
    [InlineData(SslProtocols.Tls12, "tls-exporter", false)]
    [InlineData(SslProtocols.Tls12, "tls-server-end-point", true)]
    [InlineData(SslProtocols.Tls12, "tls-unique", true)]
    [InlineData(SslProtocols.Tls13, "tls-nonsense", false)]
    public async Task BindsToTheConnection(SslProtocols version, string type, bool taken)
    {
        await using var world = await StartAsync();
        await using var client = await TlsClient.ConnectAsync(world, version);
        Assert.Contains(" AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 ", client.Greeting, StringComparison.Ordinal);
        var first = $"p={type},,n=ann@example.test,r=client";
        var challenge = await client.SayAsync("a AUTHENTICATE SCRAM-SHA-256-PLUS " + Base64(first));
        Assert.Equal(taken, challenge!.StartsWith("+ ", StringComparison.Ordinal));
        if (taken)
            Assert.StartsWith("a OK", await FinishAsync(client, first, challenge, world.Secrets["phone"], BindingOf(client.Stream, type)), StringComparison.Ordinal);
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task WhatAnotherConnectionBoundToIsRefused()
    {
        await using var world = await StartAsync();
        await using var victim = await TlsClient.ConnectAsync(world);
        await using var middle = await TlsClient.ConnectAsync(world);
        const string first = "p=tls-exporter,,n=ann@example.test,r=client";
        var challenge = await middle.SayAsync("a AUTHENTICATE SCRAM-SHA-256-PLUS " + Base64(first));
        var answer = await FinishAsync(middle, first, challenge!, world.Secrets["phone"], BindingOf(victim.Stream, "tls-exporter"));
        Assert.StartsWith("a NO [AUTHENTICATIONFAILED]", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BothEndsOfAConnectionExportTheSame()
    {
        await using var world = await StartAsync();
        await using var one = await TlsClient.ConnectAsync(world);
        await using var two = await TlsClient.ConnectAsync(world);
        Assert.Equal(BindingOf(one.Stream, "tls-exporter"), BindingOf(one.Stream, "tls-exporter"));
        Assert.NotEqual(BindingOf(one.Stream, "tls-exporter"), BindingOf(two.Stream, "tls-exporter"));
    }

    private static byte[] BindingOf(SslStream stream, string type) => type switch
    {
        "tls-exporter" => TlsExporter.ChannelBinding(stream)!,
        "tls-server-end-point" => SHA256.HashData(stream.RemoteCertificate!.GetRawCertData()),
        _ => OctetsOf(stream.TransportContext.GetChannelBinding(ChannelBindingKind.Unique)!, "tls-unique:"),
    };

    private static byte[] OctetsOf(ChannelBinding binding, string prefix)
    {
        var all = new byte[binding.Size];
        System.Runtime.InteropServices.Marshal.Copy(binding.DangerousGetHandle(), all, 0, all.Length);
        return all[(Encoding.Latin1.GetString(all).IndexOf(prefix, StringComparison.Ordinal) + prefix.Length)..];
    }

    private static async Task<string?> FinishAsync(TlsClient client, string first, string challenge, string password, byte[] binding)
    {
        var (final, signature) = ScramClient.Answer(first, Encoding.ASCII.GetString(Convert.FromBase64String(challenge[2..])), password, binding);
        var answer = await client.SayAsync(Base64(final));
        return answer == "+ " + Base64("v=" + signature) ? await client.SayAsync("") : answer;
    }

    private async Task<MailWorld> StartAsync()
    {
        var world = await MailWorld.StartAsync(postgres);
        await world.AddAccountAsync("ann");
        await world.AddAppPasswordAsync("ann", "phone");
        return world;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
