using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.Web.Settings;
using Webmail.Web.SignIn;

namespace Webmail.Web.Admin;

/// <summary>The domains: list, add, delete.</summary>
public sealed partial class Domains
{
    private Principal? _actor;
    private IReadOnlyList<DomainInfo>? _domains;
    private DomainInfo? _asked;
    private string _name = "";
    private string? _error;
    private string? _said;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [CascadingParameter]
    private Preferences Preferences { get; set; } = Preferences.Default;

    [SupplyParameterFromQuery(Name = "new")]
    private string? New { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _actor = (await Authentication).User.ToPrincipal();
        await TryAsync(ReadAsync);
        _domains ??= [];
    }

    private async Task ReadAsync() => _domains = _actor is null ? [] : await Admin.ListAsync(_actor, CancellationToken.None);

    private void Ask(DomainInfo domain) => (_asked, _error) = (domain, null);

    private void Close()
    {
        _error = null;
        Navigation.NavigateTo("/admin/domains");
    }

    private Task AddAsync() => TryAsync(async () =>
    {
        var made = await Admin.AddAsync(_actor!, _name.Trim(), CancellationToken.None);
        _said = T["{0} was created", made.Name];
        _name = "";
        await ReadAsync();
        Close();
    });

    private Task RemoveAsync() => TryAsync(async () =>
    {
        await Admin.RemoveAsync(_actor!, _asked!.Name, withUsers: true, CancellationToken.None);
        _said = T["{0} was deleted", _asked.Name];
        _asked = null;
        await ReadAsync();
    });

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            _error = null;
            await work();
        }
        catch (MailException e)
        {
            _error = AdminErrors.Words(e, T);
        }
    }
}
